package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

// contestant is one of those that are compared.
type contestant struct {
	name    string
	engine  string       // of pglite; empty for the others
	db      *engine.DB   // pglite in this program, with fsync off
	conn    *pgx.Conn    // where the suite runs, with fsync off: in process for pglite, by a Unix socket for native PostgreSQL
	served  *server      // with fsync on, behind a Unix socket
	node    *nodeProcess // PGlite
	version string
	filled  bool // pgbench's tables are there
}

// field is all contestants and what they need.
type field struct {
	options
	dir         string
	contestants []*contestant
	native      *nativePrograms
	closers     []func() error
}

func (f *field) close() (err error) {
	for i := len(f.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, f.closers[i]())
	}
	return err
}

func (f *field) later(close func() error) { f.closers = append(f.closers, close) }

// gather starts the contestants.
func (f *field) gather(ctx context.Context) error {
	for _, name := range []string{engine.EngineNative, engine.EngineWazero} {
		if err := f.ours(ctx, name); err != nil {
			return fmt.Errorf("pglite on %s: %w", name, err)
		}
	}
	if f.options.native != "" {
		if err := f.nativePostgres(ctx); err != nil {
			return fmt.Errorf("native PostgreSQL: %w", err)
		}
	}
	if f.peer != "" {
		if err := f.pglite(); err != nil {
			return fmt.Errorf("PGlite: %w", err)
		}
	}
	return nil
}

// ours makes pglite's two: a server in this program, and one that serves.
func (f *field) ours(ctx context.Context, name string) error {
	c := &contestant{name: "pglite", engine: name}
	if name == engine.EngineWazero {
		c.name = "pglite on wazero"
	}
	if err := f.inProcess(ctx, c); err != nil {
		return err
	}
	data := filepath.Join(f.dir, "served-"+name)
	if err := run(ctx, f.options.pglite, "init", data); err != nil {
		return err
	}
	socket := filepath.Join(f.dir, "socket-"+name)
	if err := os.Mkdir(socket, 0o700); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, f.options.pglite, "-D", data, "--engine", name, "serve", "--socket-dir", socket)
	var err error
	c.served, err = startServer(ctx, cmd, socket)
	if err != nil {
		return err
	}
	f.later(c.served.stop)
	f.contestants = append(f.contestants, c)
	return nil
}

func (f *field) inProcess(ctx context.Context, c *contestant) error {
	data := filepath.Join(f.dir, "own-"+c.engine)
	if err := run(ctx, f.options.pglite, "init", data); err != nil {
		return err
	}
	text, err := exec.CommandContext(ctx, f.options.pglite, "info", "--json").Output()
	if err != nil {
		return fmt.Errorf("info: %w", err)
	}
	var info struct{ Runtime struct{ Dir string } }
	if err := json.Unmarshal(text, &info); err != nil {
		return fmt.Errorf("info: %w", err)
	}
	cfg := engine.Config{DataDir: data, Runtime: info.Runtime.Dir, Engine: c.engine, Settings: map[string]string{"fsync": "off"}}
	if c.db, err = engine.Open(ctx, cfg); err != nil {
		return err
	}
	f.later(c.db.Close)
	if c.conn, err = c.connect(ctx); err != nil {
		return err
	}
	f.later(func() error { return c.conn.Close(context.Background()) })
	return c.conn.QueryRow(ctx, "select split_part(current_setting('server_version'), ' ', 1)").Scan(&c.version)
}

// connect opens a session in this program.
func (c *contestant) connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig("host=/ user=postgres dbname=postgres sslmode=disable")
	if err != nil {
		return nil, err
	}
	config.DialFunc = inside(c.db)
	return pgx.ConnectConfig(ctx, config)
}

// run runs a program, which must not fail.
func run(ctx context.Context, name string, args ...string) error {
	_, err := timed(exec.CommandContext(ctx, name, args...))
	return err
}

// timed runs a command and returns how long it took, in milliseconds.
func timed(cmd *exec.Cmd) (float64, error) {
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return milliseconds(begin), nil
}

func milliseconds(begin time.Time) float64 {
	return float64(time.Since(begin)) / float64(time.Millisecond)
}
