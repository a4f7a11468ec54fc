// Package embedded opens PostgreSQL inside a Go program with one call. It is a thin layer over packages install and engine.
//
//	db, err := embedded.Open(ctx, "./db") // or embedded.Memory
//	defer db.Close()
//	conn, err := db.Connect(ctx)          // a *pgx.Conn
//
// Open unpacks the runtime the first time, makes the cluster unless it is there, and starts the server, or attaches to that of another
// process on the same directory. Sessions are PostgreSQL's own, so any number of connections may be used at once. There are ways in for pgx
// (DB.PgxConfig, DB.PoolConfig), for database/sql (DB.SQL), and for all other drivers (DB.URL).
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/internal/localsocket"
)

// Memory as the directory is a cluster that lives in memory and is gone after Close.
const Memory = engine.Memory

// DB is an open cluster. All methods are safe for concurrent use. What the embedded [engine.DB] has works too: backups, PostgreSQL's
// programs, connections without a driver.
type DB struct {
	*engine.DB

	// Installation says where the cluster and the runtime are, and whether the cluster was there before.
	Installation install.Installation

	options Options

	mu     sync.Mutex
	closed bool
	sql    *sql.DB
	socket *localsocket.Listener
}

// Open opens the cluster that dir means: a data directory, made if it is missing or empty, or Memory. Without options the session user is
// postgres and the database postgres. A cancelled ctx ends the opening. Errors are those of [install.InitWith] and [engine.Open]:
// ErrNoRuntime, ErrNotCluster for a directory that holds something else, ErrLocked, and others.
func Open(ctx context.Context, dir string, options ...Option) (*DB, error) {
	o := Options{User: "postgres", Database: "postgres"}
	for _, option := range options {
		option(&o)
	}
	if dir == "" {
		return nil, engine.ErrNoDataDir
	}
	in, err := o.install(ctx, dir)
	if err != nil {
		return nil, err
	}
	server, err := engine.Open(ctx, o.config(in))
	if err != nil {
		return nil, err
	}
	return &DB{DB: server, Installation: in, options: o}, nil
}

// install provides the runtime and the cluster.
func (o *Options) install(ctx context.Context, dir string) (install.Installation, error) {
	paths, err := install.ResolvePaths(dir)
	if err != nil {
		return install.Installation{}, err
	}
	how := o.Install
	if how.Progress == nil {
		how.Progress = o.Engine.Progress
	}
	if how.Log == nil {
		how.Log = o.Engine.Log
	}
	if how.CacheDir == "" && o.Engine.CacheDir != "-" {
		how.CacheDir = o.Engine.CacheDir
	}
	if how.Source == "" {
		how.Source = o.Engine.Runtime
	}
	return install.InitWith(ctx, paths, how)
}

// config returns what to open.
func (o *Options) config(in install.Installation) engine.Config {
	c := o.Engine
	c.DataDir, c.Runtime = in.Data, in.Runtime
	return c
}

// URL returns a connection URI for drivers that connect by themselves, such as lib/pq, and for other programs of this user. The first call
// opens a Unix-domain socket in a directory that only this user can enter; it is there until Close.
func (db *DB) URL(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return "", fmt.Errorf("listen: %w", engine.ErrClosed)
	}
	if db.socket == nil {
		var err error
		if db.socket, err = localsocket.Listen(db.ServeConn); err != nil {
			return "", err
		}
	}
	return db.socket.URI(db.options.User, db.options.Database), nil
}

// Close disconnects all clients and is PostgreSQL's fast shutdown. A DB that is attached to another process ends its own sessions only.
// Idempotent.
func (db *DB) Close() error {
	db.mu.Lock()
	closed, pool, socket := db.closed, db.sql, db.socket
	db.closed = true
	db.mu.Unlock()
	if closed {
		return db.DB.Close()
	}
	var failed []error
	if pool != nil {
		failed = append(failed, pool.Close())
	}
	failed = append(failed, db.DB.Close()) // before the socket: each client is told
	if socket != nil {
		failed = append(failed, socket.Close())
	}
	return errors.Join(failed...)
}
