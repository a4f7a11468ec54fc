package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// Terminal tells which of a tool's standard streams are a terminal, and its size.
type Terminal = kernel.Terminal

// Tool is one of PostgreSQL's programs to run, such as psql or pg_dump.
type Tool struct {
	Name     string
	Args     []string // without the program's name
	Env      []string // on top of Config.Env
	Stdin    io.Reader
	Stdout   io.Writer // when it is Stderr too, its Writes come one after the other
	Stderr   io.Writer
	Terminal *Terminal
	// Mounts are directories of the host that this program, and what it starts, sees beside Config.Mounts; the server does not.
	Mounts []Mount
	// Interrupts, when not nil, sends the program SIGINT for each value received; it goes on after that if it wants to.
	Interrupts <-chan struct{}
	// Dir is the working directory in the guest; "/" when empty.
	Dir string
}

// Run runs one of PostgreSQL's programs beside the server; without further options it connects to it. It returns the
// program's exit code; the error tells that it could not be run (ErrNoProgram), was cancelled, or that stdin or stdout failed, which the
// program may not have noticed. A cancelled ctx is SIGINT, and
// after a grace period SIGKILL.
func (db *DB) Run(ctx context.Context, tool string, args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) (exitCode int, err error) {
	return db.RunTool(ctx, Tool{Name: tool, Args: args, Env: env, Stdin: stdin, Stdout: stdout, Stderr: stderr})
}

// RunTool is Run with all that can be said of a program.
func (db *DB) RunTool(ctx context.Context, t Tool) (exitCode int, err error) {
	return db.server.runTool(ctx, t)
}

// RunOffline runs a program without a server: initdb, pg_controldata, pg_checksums, pg_resetwal, pg_waldump, or any that connects
// nowhere. With a Config.DataDir it owns that directory while it runs.
func RunOffline(ctx context.Context, cfg Config, t Tool) (exitCode int, err error) {
	g, err := newGuest(cfg, owning)
	if err != nil {
		return 0, err
	}
	defer g.close()
	return g.run(ctx, t)
}

// Programs lists the programs of the configured runtime.
func Programs(cfg Config) ([]string, error) {
	p, err := programsOf(&cfg)
	if err != nil {
		return nil, err
	}
	return p.names()
}

// grace is how long a cancelled program may take to end.
const grace = 2 * time.Second

func (g *guest) run(ctx context.Context, t Tool) (int, error) {
	c := g.command(t.Name, t.Args, t.Env)
	c.Stdin, c.Stdout, c.Stderr, c.Terminal, c.Dir = t.Stdin, t.Stdout, t.Stderr, t.Terminal, t.Dir
	files, unmount, err := g.branch(t.Mounts)
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	defer unmount()
	c.Files = files
	defer t.Terminal.Restore()
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

// standardErrors tells of an error of the program's standard input or output, which it may not have looked at. A reader of its output that
// has gone away is none.
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
	g, err := newGuest(cfg, unlocked)
	if err != nil {
		return err
	}
	defer g.close()
	return g.initdb(ctx, args, cfg.Log)
}

// defaultSettings go into a new cluster's postgresql.conf: PostgreSQL's own defaults are a server's, these an embedded database's.
// They can be changed there, by ALTER SYSTEM and by Config.Settings. RATIONALE.md has the measurements.
var defaultSettings = []string{
	"max_wal_size=256MB", "min_wal_size=32MB", "io_method=sync", "max_worker_processes=8",
	"max_parallel_workers=4", "max_parallel_workers_per_gather=2", "autovacuum_worker_slots=4", "max_wal_senders=4", "max_replication_slots=4",
}

// initdbArgs are pglite's choices for initdb; the caller's come after them and win.
func (g *guest) initdbArgs(args []string) ([]string, error) {
	major, err := g.major()
	if err != nil {
		return nil, err
	}
	all := []string{"-D", guestData, "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-instructions"}
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
	code, err := g.run(ctx, Tool{Name: "initdb", Args: all, Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr})
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("initdb failed: %s", complaint(said.String()))
	}
	return nil
}

// initdbNoise are lines of initdb that say what it does about an error, or warn of what comes later, and the beginning of a server's line.
var initdbNoise = regexp.MustCompile(`(?m)^(child process exited .*|initdb: (removing|warning:|hint: You can change this) .*)\n?|^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] `)

// configurationNoise is what a server says after it has said what is wrong with its configuration, and how it begins to.
var configurationNoise = regexp.MustCompile(`(?m)^FATAL:  configuration file ".*" contains errors\n?|^LOG:  `)

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
