package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pglite-toolbox/pglite/engine"
)

// server is a fresh cluster that native clients reach through a Unix-domain socket.
type server struct {
	db       *engine.DB
	dir      string // removed by stop; holds data and socket
	log      *os.File
	listener net.Listener
	conns    sync.WaitGroup
}

const port = "5432"

// regressSettings are what pg_regress appends to the configuration of its own temporary instance; fsync is off as there.
var regressSettings = map[string]string{
	"fsync":                       "off",
	"log_autovacuum_min_duration": "0",
	"log_checkpoints":             "on",
	"log_line_prefix":             "%m %b[%p] %q%a ",
	"log_lock_waits":              "on",
	"log_temp_files":              "128kB",
	"max_prepared_transactions":   "2",
}

// newTemplate makes a cluster with the real initdb, in a directory that the caller removes.
func newTemplate(ctx context.Context, o options) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "pgr"); err != nil {
		return "", err
	}
	cfg := engine.Config{DataDir: dir, Runtime: o.runtime, Log: io.Discard}
	cfg.Progress = func(phrase string) { fmt.Fprintln(os.Stderr, "regress:", phrase) }
	if err := engine.InitDB(ctx, cfg, []string{"--no-sync"}); err != nil {
		_ = os.RemoveAll(dir)
		return "", err
	}
	return dir, nil
}

// startServer opens a copy of the template cluster and listens for native clients.
func startServer(ctx context.Context, o options, template, logFile string, settings map[string]string, mounts []engine.Mount) (s *server, err error) {
	s = &server{}
	defer func() {
		if err != nil {
			_ = s.stop()
		}
	}()
	if s.dir, err = os.MkdirTemp("", "pgr"); err != nil {
		return s, err
	}
	if s.log, err = os.Create(logFile); err != nil {
		return s, err
	}
	cfg := engine.Config{DataDir: filepath.Join(s.dir, "data"), Runtime: o.runtime, Log: s.log, Mounts: mounts}
	if err := os.CopyFS(cfg.DataDir, os.DirFS(template)); err != nil {
		return s, err
	}
	if err := os.Chmod(cfg.DataDir, 0o700); err != nil {
		return s, err
	}
	if cfg.Settings, err = o.serverSettings(settings); err != nil {
		return s, err
	}
	if s.db, err = engine.Open(ctx, cfg); err != nil {
		return s, err
	}
	if s.listener, err = net.Listen("unix", filepath.Join(s.dir, ".s.PGSQL."+port)); err != nil {
		return s, err
	}
	go s.accept(ctx)
	return s, nil
}

// serverSettings are the parameters of a server: the driver's, those of the job, and the command line's.
func (o options) serverSettings(job map[string]string) (map[string]string, error) {
	all := maps.Clone(regressSettings)
	maps.Copy(all, job)
	for _, setting := range o.settings {
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			return nil, fmt.Errorf("--set %q: want NAME=VALUE", setting)
		}
		all[name] = value
	}
	return all, nil
}

func (s *server) accept(ctx context.Context) {
	for {
		client, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.conns.Add(1)
		go func() {
			defer s.conns.Done()
			if err := s.serve(ctx, client.(*net.UnixConn)); err != nil {
				fmt.Fprintln(os.Stderr, "regress:", err)
			}
		}()
	}
}

// serve copies between a client and a new session until either ends.
func (s *server) serve(ctx context.Context, client *net.UnixConn) error {
	defer client.Close()
	session, err := s.db.Dial(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	go func() {
		_, _ = io.Copy(session, client)
		if half, ok := session.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
	_, _ = io.Copy(client, session)
	return nil
}

// stop shuts the server down and removes its files. A trap or an unclean end of the server is an error.
func (s *server) stop() error {
	var all []error
	if s.listener != nil {
		_ = s.listener.Close()
	}
	if s.db != nil {
		if n := s.db.Traps(); n > 0 {
			all = append(all, fmt.Errorf("%d server processes ended by a trap", n))
		}
		all = append(all, s.db.Close())
		s.conns.Wait()
	}
	if s.log != nil {
		all = append(all, s.log.Close())
	}
	if s.dir != "" {
		all = append(all, os.RemoveAll(s.dir))
	}
	return errors.Join(all...)
}
