package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
)

// cluster is a fresh one that native clients reach through a Unix-domain socket, by the door that serve has: what it does to the order
// and the time of messages is tested, too.
type cluster struct {
	db   *engine.DB
	door *server.Server
	dir  string // removed by stop; holds data and socket
	log  *os.File
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

// startCluster opens a copy of the template cluster and listens for native clients.
func startCluster(ctx context.Context, o options, template, logFile string, settings map[string]string, mounts []engine.Mount) (c *cluster, err error) {
	c = &cluster{}
	defer func() {
		if err != nil {
			_ = c.stop()
		}
	}()
	if c.dir, err = os.MkdirTemp("", "pgr"); err != nil {
		return c, err
	}
	if c.log, err = os.Create(logFile); err != nil {
		return c, err
	}
	cfg := engine.Config{DataDir: filepath.Join(c.dir, "data"), Runtime: o.runtime, Log: c.log, Mounts: mounts}
	if err := os.CopyFS(cfg.DataDir, os.DirFS(template)); err != nil {
		return c, err
	}
	if err := os.Chmod(cfg.DataDir, 0o700); err != nil {
		return c, err
	}
	if cfg.Settings, err = o.serverSettings(settings); err != nil {
		return c, err
	}
	if c.db, err = engine.Open(ctx, cfg); err != nil {
		return c, err
	}
	c.door, err = server.Start(ctx, c.db, server.Config{SocketDir: c.dir, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	return c, err
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

// stop shuts the server down and removes its files. A trap or an unclean end of the server is an error.
func (c *cluster) stop() error {
	var all []error
	if c.door != nil {
		c.door.StopListening()
	}
	if c.db != nil {
		all = append(all, c.db.Close())
		if n := c.db.Traps(); n > 0 {
			all = append(all, fmt.Errorf("%d server processes ended by a trap", n))
		}
	}
	if c.door != nil {
		all = append(all, c.door.Close())
	}
	if c.log != nil {
		all = append(all, c.log.Close())
	}
	if c.dir != "" {
		all = append(all, os.RemoveAll(c.dir))
	}
	return errors.Join(all...)
}
