package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// most is how many sessions the server lets in: those of the busiest scenario and a few to look after them.
const most = 120

// served is a pglite serve on a fresh cluster, with fsync on.
type served struct {
	pglite, dir, data, version string
	cmd                        *exec.Cmd
	spent                      time.Duration // processor time of what was run against it
	patience                   time.Duration // what is left of it, with other programs
}

// serve starts the server and waits until it is ready.
func serve(ctx context.Context, pglite string) (s *served, err error) {
	dir, err := os.MkdirTemp("", "load-")
	if err != nil {
		return nil, err
	}
	s = &served{pglite: pglite, dir: dir, data: filepath.Join(dir, "data")}
	if out, err := exec.CommandContext(ctx, pglite, "init", s.data).CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("init: %w: %s", err, out), os.RemoveAll(dir))
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	defer log.Close()
	s.cmd = exec.Command(pglite, "-D", s.data, "serve", "--socket-dir", dir, "--max-connections", fmt.Sprint(most))
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.ready(ctx); err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("%w: %s", err, text), s.stop())
	}
	return s, nil
}

// ready waits until the server answers.
func (s *served) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		conn, err := s.connect(ctx)
		if err == nil {
			err = conn.QueryRow(ctx, "select split_part(current_setting('server_version'), ' ', 1)").Scan(&s.version)
			return errors.Join(err, conn.Close(ctx))
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// connect opens a session through the Unix-domain socket.
func (s *served) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, "user=postgres dbname=postgres connect_timeout=30 host="+s.dir)
}

// memory returns the process's proportional share of the memory in use.
func (s *served) memory() (mb float64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if n, _ := fmt.Sscanf(line, "Pss: %f kB", &mb); n == 1 {
			return mb / 1024, nil
		}
	}
	return 0, errors.New("smaps_rollup has no Pss")
}

// stop shuts the server down, which has to end well, and removes the cluster.
func (s *served) stop() error {
	_ = s.cmd.Process.Signal(os.Interrupt)
	err := s.cmd.Wait()
	if err != nil {
		text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		err = fmt.Errorf("shut down: %w: %s", err, text)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
