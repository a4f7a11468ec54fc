package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// Tool is one run of a program of PostgreSQL's, such as psql or pg_dump. As with exec.Cmd, the zero value of each field
// but Name works. A Tool is not changed by the run.
type Tool struct {
	// Name is the program's, such as "pg_dump". Args are its arguments, without the name.
	Name string
	Args []string
	// Env is the environment on top of Config.Env: NAME=VALUE sets a variable, NAME alone removes it.
	Env []string
	// Dir is the working directory in the guest; empty means "/".
	Dir string
	// Stdin, Stdout and Stderr are the standard streams; nil is an empty input, and output that is dropped. If Stdout
	// and Stderr are the same Writer, one goroutine at a time calls its Write.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal says which of the streams are a terminal; nil means none.
	Terminal *Terminal
	// Mounts are directories of the host that this program and its children see beside Config.Mounts. A server does
	// not.
	Mounts []Mount
	// Interrupts sends the program a SIGINT for each value received; nil sends none. The program may survive it.
	Interrupts <-chan struct{}

	// ReadOnly is for the function RunTool: the program sees Config.DataDir read-only, whoever owns it. No lock is
	// taken and no byte changes. A server may write at the same time, so the program may see a half-written file.
	ReadOnly bool
	// Dial is for the function RunTool: it opens the program's connections to a server elsewhere. The program sees that
	// server at its default Unix-domain socket; Dial does the TLS. Several goroutines may call it at once.
	Dial func(context.Context) (net.Conn, error)
}

// Terminal describes the terminal that a Tool runs at.
type Terminal struct {
	// Is says of standard input, output and error whether each is the terminal.
	Is [3]bool
	// Size returns the current width and height in characters; nil means 80 by 24.
	Size func() (columns, rows int)
	// Echo turns the display of typed characters on or off; programs that ask for a password turn it off. It may be
	// nil.
	Echo func(on bool) error
}

// kernel returns the kernel's view of the terminal, nil for none.
func (t *Terminal) kernel() *kernel.Terminal {
	if t == nil {
		return nil
	}
	size := t.Size
	if size == nil {
		size = func() (columns, rows int) { return 80, 24 }
	}
	return &kernel.Terminal{Is: t.Is, Size: size, Echo: t.Echo}
}

// RunTool runs a program beside the server. Unless its options say otherwise, the program connects to that server.
//
// RunTool returns the program's exit code. An error means that the program could not start (ErrNoProgram), that ctx was
// cancelled, or that Stdin or Stdout failed, which the program itself may not have noticed. A cancelled ctx sends
// SIGINT, and SIGKILL after a grace period of two seconds.
func (db *DB) RunTool(ctx context.Context, t Tool) (exitCode int, err error) {
	if t.ReadOnly || t.Dial != nil {
		return 0, fmt.Errorf("run %s: Tool.ReadOnly and Tool.Dial are for a program without a server: use the "+
			"function RunTool", t.Name)
	}
	return db.server.runTool(ctx, t)
}

// RunTool runs a program without a server, such as initdb, pg_controldata or pg_resetwal. It owns Config.DataDir, if
// there is one, while the program runs: errors are those of Open, unless Tool.ReadOnly is set. A program that needs a
// server gets one by Tool.Dial; it sees no data directory. Results are those of [DB.RunTool].
func RunTool(ctx context.Context, cfg Config, t Tool) (exitCode int, err error) {
	cfg, err = cfg.withRuntime(ctx)
	if err != nil {
		return 0, err
	}
	if t.Dial != nil {
		return runRemote(ctx, cfg, t)
	}
	own := owning
	if t.ReadOnly {
		if cfg.DataDir != "" && cfg.DataDir != Memory {
			t.Mounts = append([]Mount{{Host: cfg.DataDir, Guest: guestData, ReadOnly: true}}, t.Mounts...)
		}
		cfg.DataDir, own = "", unlocked
	}
	g, err := newGuest(cfg, own)
	if err != nil {
		return 0, err
	}
	defer g.close()
	return g.run(ctx, t)
}

// grace is how long a cancelled program may take to end.
const grace = 2 * time.Second

func (g *guest) run(ctx context.Context, t Tool) (int, error) {
	c := g.command(t.Name, t.Args, t.Env)
	terminal := t.Terminal.kernel()
	c.Stdin, c.Stdout, c.Stderr, c.Terminal, c.Dir = t.Stdin, t.Stdout, t.Stderr, terminal, t.Dir
	files, unmount, err := g.branch(t.Mounts)
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	defer unmount()
	c.Files = files
	defer terminal.Restore()
	p, err := g.kernel.Start(ctx, c)
	if err != nil {
		return 0, err
	}
	defer interrupting(p, t.Interrupts)()
	status, err := p.Wait(ctx)
	if err == nil {
		return status.Code(), standardErrors(t.Name, p)
	}
	p.Signal(kernel.SIGINT)
	patience, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if status, e := p.Wait(patience); e == nil {
		return status.Code(), fmt.Errorf("%s: %w", t.Name, err)
	}
	p.Signal(kernel.SIGKILL)
	<-p.Done()
	return kernel.Signaled(kernel.SIGKILL).Code(), fmt.Errorf("%s: %w", t.Name, err)
}

// standardErrors tells of an error of the program's standard input or output, which it may not have looked at. A reader
// of its output that has gone away is none.
func standardErrors(name string, p *kernel.Process) error {
	in, out := p.StandardErrors()
	if in != nil {
		in = fmt.Errorf("%s: read standard input: %w", name, in)
	}
	if out != nil {
		out = fmt.Errorf("%s: write standard output: %w", name, out)
	}
	return errors.Join(in, out)
}

// InitDB runs the real initdb on cfg.DataDir, an empty directory, with its own options
// (https://www.postgresql.org/docs/18/app-initdb.html). Its output goes to cfg.Log.
func InitDB(ctx context.Context, cfg Config, args []string) error {
	if cfg.DataDir == Memory {
		return ErrMemory // it would be gone with this call
	}
	cfg, err := cfg.withRuntime(ctx)
	if err != nil {
		return err
	}
	g, err := newGuest(cfg, unlocked)
	if err != nil {
		return err
	}
	defer g.close()
	return g.initdb(ctx, args, cfg.Log)
}

// defaultSettings go into a new cluster's postgresql.conf: PostgreSQL's own defaults are a server's, these an embedded
// database's. They can be changed there, by ALTER SYSTEM and by Config.Settings. RATIONALE.md has the measurements.
var defaultSettings = []string{
	"max_wal_size=256MB", "min_wal_size=32MB", "io_method=sync", "max_worker_processes=8",
	"max_parallel_workers=4", "max_parallel_workers_per_gather=2", "autovacuum_worker_slots=4", "max_wal_senders=4",
	"max_replication_slots=4",
}

// initdbArgs are pglite's choices for initdb; the caller's come after them and win.
func (g *guest) initdbArgs(args []string) ([]string, error) {
	major, err := g.major()
	if err != nil {
		return nil, err
	}
	all := []string{
		"-D", guestData, "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust",
		"--no-instructions",
	}
	for _, s := range defaultSettings {
		if major < "18" && (strings.HasPrefix(s, "io_method") || strings.HasPrefix(s, "autovacuum_worker_slots")) {
			continue
		}
		all = append(all, "--set", s)
	}
	return append(all, args...), nil
}

func (g *guest) initdb(ctx context.Context, args []string, log io.Writer) error {
	all, err := g.initdbArgs(args)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	var stdout, stderr io.Writer = io.Discard, &said
	if log != nil {
		log = &turnWriter{to: log}
		stdout, stderr = log, io.MultiWriter(log, &said)
	}
	code, err := g.run(ctx, Tool{
		Name: "initdb", Args: all, Stdin: strings.NewReader(""), Stdout: stdout,
		Stderr: stderr,
	})
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("initdb failed: %s", complaint(said.String()))
	}
	return nil
}

// initdbNoise are lines of initdb that say what it does about an error, or warn of what comes later, and the beginning
// of a server's line.
var initdbNoise = regexp.MustCompile(
	`(?m)^(child process exited .*|initdb: (removing|warning:|hint: You can change this) .*)\n?` +
		`|^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] `,
)

// configurationNoise is what a server says after it has said what is wrong with its configuration, and how it begins
// to. The file is the new cluster's, which there is only inside of initdb and which is removed.
var configurationNoise = regexp.MustCompile(
	`(?m)^FATAL:  configuration file ".*" contains errors\n?|^LOG:  | in file "[^"]*" line \d+$`,
)

// complaint returns why initdb has failed, of all that it has said.
func complaint(said string) string {
	why := initdbNoise.ReplaceAllString(said, "")
	if why = strings.TrimSpace(configurationNoise.ReplaceAllString(why, "")); why != "" {
		return why
	}
	return strings.TrimSpace(said)
}

// turnWriter passes on one Write after the other.
type turnWriter struct {
	mu sync.Mutex
	to io.Writer
}

// Write implements io.Writer.
func (w *turnWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}
