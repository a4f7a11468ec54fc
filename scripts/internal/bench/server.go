package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

func inside(db *engine.DB) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
}

// server is a process that serves a Unix socket.
type server struct {
	cmd    *exec.Cmd
	socket string // its directory
}

// startServer starts a command and waits until it answers.
func startServer(ctx context.Context, cmd *exec.Cmd, socket string) (*server, error) {
	log, err := os.Create(socket + ".log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stderr = log
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd, socket}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := s.connect(ctx)
		if err == nil {
			return s, conn.Close(ctx)
		}
		if ctx.Err() != nil || time.Since(begin) > time.Minute {
			text, _ := os.ReadFile(log.Name())
			return nil, errors.Join(fmt.Errorf("%w: %s", err, text), s.stop())
		}
	}
}

func (s *server) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, "user=postgres dbname=postgres sslmode=disable host="+s.socket)
}

func (s *server) stop() error {
	_ = s.cmd.Process.Signal(os.Interrupt)
	return s.cmd.Wait()
}

// nativePrograms are native PostgreSQL's, and the user that they run as: PostgreSQL refuses root.
type nativePrograms struct {
	bin  string
	user *syscall.SysProcAttr
	dir  string // which that user may use
}

// newNativePrograms takes the programs in bin, of which root uses a copy: those that were fetched are in root's own cache.
func newNativePrograms(ctx context.Context, bin, dir string) (*nativePrograms, error) {
	n := &nativePrograms{bin: bin, dir: dir}
	err := os.Mkdir(dir, 0o711)
	if err != nil || os.Getuid() != 0 {
		return n, err
	}
	if n.user, err = nobody(dir); err != nil {
		return nil, err
	}
	tree := filepath.Join(bin, "..", "..", "..", "..", "..")
	if err := run(ctx, "cp", "-R", tree, filepath.Join(dir, "programs")); err != nil {
		return nil, err
	}
	n.bin = filepath.Join(dir, "programs", strings.TrimPrefix(bin, tree))
	return n, nil
}

func (n *nativePrograms) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(n.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = n.user, n.dir
	return cmd
}

// initdb makes a cluster as pglite init does.
func (n *nativePrograms) initdb(ctx context.Context, data string) *exec.Cmd {
	return n.command(ctx, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
}

// start starts a server on a cluster, with pglite's own choice of parameters that matter: no just-in-time compiler.
func (n *nativePrograms) start(ctx context.Context, data string, settings ...string) (*server, error) {
	args := []string{"-D", data, "-k", data, "-c", "listen_addresses=", "-c", "jit=off"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return startServer(ctx, n.command(ctx, "postgres", args...), data)
}

// nativePostgres makes native PostgreSQL's: a server with fsync off and one with it on.
func (f *field) nativePostgres(ctx context.Context) (err error) {
	c := &contestant{name: "PostgreSQL"}
	if f.native, err = newNativePrograms(ctx, f.options.native, filepath.Join(f.dir, "native")); err != nil {
		return err
	}
	for name, fsync := range map[string]string{"fast": "off", "durable": "on"} {
		data := filepath.Join(f.native.dir, name)
		if _, err := timed(f.native.initdb(ctx, data)); err != nil {
			return err
		}
		s, err := f.native.start(ctx, data, "fsync="+fsync)
		if err != nil {
			return err
		}
		f.later(s.stop)
		if fsync == "on" {
			c.served = s
			continue
		}
		if c.conn, err = s.connect(ctx); err != nil {
			return err
		}
		f.later(func() error { return c.conn.Close(context.Background()) })
		if err := c.conn.QueryRow(ctx, "select split_part(current_setting('server_version'), ' ', 1)").Scan(&c.version); err != nil {
			return err
		}
	}
	f.contestants = append(f.contestants, c)
	return nil
}
