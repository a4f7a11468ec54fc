package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// child is the command that serve runs. A nil one has never ended.
type child struct {
	cmd      *exec.Cmd
	done     chan struct{}
	err      error
	terminal bool // it gets the terminal's interrupts by itself
	told     bool // a signal was passed on
}

// findCommand reports whether the command can be found: nobody has to wait for a server to learn that it cannot.
func findCommand(command []string) error {
	if len(command) == 0 {
		return nil
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		return fmt.Errorf("run %s: %w", command[0], errors.Unwrap(err))
	}
	return nil
}

// startChild starts the command.
func startChild(command, env []string, s Streams) (*child, error) {
	c := &child{cmd: exec.Command(command[0], command[1:]...), done: make(chan struct{}), terminal: s.InTerminal}
	c.cmd.Dir = s.Dir
	c.cmd.Env, c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = env, s.In, s.Out, s.Err
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %s: %w", command[0], err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// childEnv returns the environment in which libpq, and what reads DATABASE_URL, finds the server, and no other.
func childEnv(env []string, a server.Address, cfg clusterConfig) []string {
	var kept []string
	for _, variable := range pgclient.Environment(env) {
		switch name, _, _ := strings.Cut(variable, "="); name {
		case "DATABASE_URL", "PGTEST_SERVER", "PGUSER", "PGDATABASE", "NOTIFY_SOCKET":
		default:
			kept = append(kept, variable)
		}
	}
	uri := a.URI(cfg.User, cfg.Database)
	return append(kept, "DATABASE_URL="+uri, "PGTEST_SERVER="+uri, // package pgtest's
		"PGHOST="+a.Host, "PGPORT="+strconv.Itoa(a.Port), "PGUSER="+cfg.User, "PGDATABASE="+cfg.Database)
}

// ended is closed when the command has ended.
func (c *child) ended() <-chan struct{} {
	if c == nil {
		return nil
	}
	return c.done
}

// hasEnded reports whether the command has ended.
func (c *child) hasEnded() bool {
	select {
	case <-c.ended():
		return true
	default:
		return false
	}
}

// pass passes a signal on, unless the terminal has sent it to the whole group. The second one kills the command, which pass reports.
func (c *child) pass(sig os.Signal) (killed bool) {
	if sig == os.Interrupt && c.terminal {
		return false
	}
	if c.told || c.cmd.Process.Signal(sig) != nil { // or a system without signals
		_ = c.cmd.Process.Kill()
	}
	killed, c.told = c.told, true
	return killed
}

// status returns the command's exit code as an error, nil for 0.
func (c *child) status() error {
	var exit *exec.ExitError
	if !errors.As(c.err, &exit) {
		return c.err
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return exitStatus(128 + int(ws.Signal()))
	}
	return exitStatus(exit.ExitCode())
}

// kill ends the command if it still runs.
func (c *child) kill() {
	if c == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	<-c.done
}
