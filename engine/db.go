package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// DB is a running PostgreSQL server. All methods are safe for concurrent use.
type DB struct {
	server server

	once        sync.Once // of interactive
	interactive *Interactive
}

// Open starts the server on a data directory and returns when it accepts connections. When another process runs it
// already, Open attaches to that one unless Config.NoAttach is set; when that process ends, the DB starts the server
// itself at the next Dial, or attaches to whoever has. A cancelled ctx ends the start. Errors: ErrLocked, ErrNotCluster
// (also fs.ErrNotExist when there is no such directory), ErrNoDataDir, ErrNoRuntime, *OwnershipError, *VersionError,
// *ServerError.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.DataDir == "" {
		return nil, ErrNoDataDir
	}
	cfg, err := cfg.copyOf().withRuntime(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.DataDir == Memory {
		return newDB(startServer(ctx, cfg))
	}
	own, socket, err := ownOrFind(ctx, cfg)
	if err != nil || own != nil {
		return newDB(own, err)
	}
	if len(cfg.Settings) > 0 || cfg.MaxMemory > 0 {
		return nil, fmt.Errorf("data directory %q: %w, which takes no server parameters and no memory limit from this one: leave them out, or stop that process first", cfg.DataDir, errAttached)
	}
	return &DB{server: newAttachedServer(cfg, socket)}, nil
}

// newDB returns a DB whose server this process runs.
func newDB(s *ownServer, err error) (*DB, error) {
	if err != nil {
		return nil, err
	}
	return &DB{server: s}, nil
}

// Traps counts the processes that a WebAssembly trap or a panic of the host has ended.
func (db *DB) Traps() int64 {
	own, err := db.server.own()
	if err != nil {
		return 0 // of another process
	}
	return own.traps.Load()
}

// Dial connects to the server; the client's part of the protocol begins with its startup packet. It may be called any
// number of times; max_connections is the server's to enforce, and a burst of clients waits its turn. After Close, or
// when the server has ended, it fails with ErrClosed.
func (db *DB) Dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return db.server.dial(ctx)
}

// Done is closed when the server has ended, by Close or by itself; Err tells why. Of a DB that was attached it is
// closed by Close: when the server has ended in another way, the next Dial starts it again.
func (db *DB) Done() <-chan struct{} { return db.server.done() }

// Err returns nil while the server runs, ErrClosed after Close, an error that wraps ErrClosed and a *ServerError when
// the postmaster ended by itself.
func (db *DB) Err() error { return db.server.gone() }

// Attached reports whether another process runs the server. That may change when the other process ends.
func (db *DB) Attached() bool {
	_, err := db.server.own()
	return errors.Is(err, errAttached)
}

// Release is Close that considers others: no further process can attach, and those that have are waited for while they
// are in a transaction, or were a second ago; sessions that are idle are ended. A cancelled ctx ends the waiting. The
// next process that wants the server starts it again, also one that was attached.
func (db *DB) Release(ctx context.Context) error { return db.server.release(ctx) }

// Close is PostgreSQL's fast shutdown: open transactions are rolled back, clients disconnected, a checkpoint written.
// Idempotent; it returns a *ServerError when the server did not end cleanly. A DB that is attached ends its own
// sessions only.
func (db *DB) Close() error { return db.server.close() }

// CloseImmediately is PostgreSQL's immediate shutdown: nothing is written, the next start recovers from the WAL. It
// also ends the patience of a Close that is under way.
func (db *DB) CloseImmediately() error { return db.server.closeImmediately() }
