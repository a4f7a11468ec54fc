package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// How long Open bears with an owner of the data directory that cannot be reached, since that has last said something new.
const (
	// unsociable: it has not said where it listens. It may be about to, or is a tool that nobody can attach to.
	unsociable = time.Second
	// unreachable: it does not listen where it says. It may be about to, or about to end.
	unreachable = 15 * time.Second
	// departing: it is shutting down, which takes so long at most unless it waits for transactions of others.
	departing = settlePatience + fastPatience + immediatePatience + unreachable
	// glancing: somebody may only have looked whether there is an owner, see Owner.
	glancing     = 100 * time.Millisecond
	longestPause = 50 * time.Millisecond
)

// patience is how long to bear with the owner.
func (o owner) patience() time.Duration {
	switch {
	case o.Ending:
		return departing
	case o.Socket == "":
		return unsociable
	}
	return unreachable
}

// ownOrFind starts the server, or returns the socket of the process that runs it.
func ownOrFind(ctx context.Context, cfg Config) (own *DB, socket string, err error) {
	start := time.Now()
	since, last, told := start, owner{}, false
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		own, err := openOwner(ctx, cfg)
		var locked *LockedError
		if !errors.As(err, &locked) || cfg.NoAttach && time.Since(start) > glancing {
			return own, "", err
		}
		now := readOwner(cfg.DataDir)
		if !now.same(last) {
			last, since = now, time.Now()
		}
		if now.Socket != "" && !now.Ending && !cfg.NoAttach {
			if conn, err := knock(ctx, now.Socket); err == nil {
				_ = conn.Close()
				return nil, now.Socket, nil
			}
		}
		waited := time.Since(since)
		if waited > now.patience() {
			return nil, "", locked
		}
		if now.Ending && waited > unsociable && !told {
			told = true
			cfg.progress(fmt.Sprintf("waiting for pglite process %d, which is shutting down", now.PID))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, "", fmt.Errorf("open data directory %q: %w", cfg.DataDir, ctx.Err())
		case <-timer.C:
		}
	}
}

// Attached reports whether another process runs the server. That may change when the other process ends.
func (db *DB) Attached() bool {
	if db.visitor == nil {
		return false
	}
	_, own, _ := db.visitor.state()
	return own == nil
}

// errAttached tells that only the process which runs the server can do something.
var errAttached = errors.New("another process runs the server")

// owner returns the DB that runs the server, or an error when that is in another process.
func (db *DB) owner() (*DB, error) {
	if db.visitor == nil {
		return db, nil
	}
	_, own, err := db.visitor.state()
	if err != nil {
		return nil, err
	}
	if own == nil {
		return nil, errAttached
	}
	return own, nil
}

// runTool runs a program whose connections go to the owner.
func (v *visitor) runTool(ctx context.Context, t Tool) (exitCode int, err error) {
	_, own, err := v.state()
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	if own != nil {
		return own.RunTool(ctx, t)
	}
	return RunRemote(ctx, v.cfg, v.dial, t)
}

// Release is Close that considers others: no further process can attach, and those that have are waited for while they are in a
// transaction, or were a second ago; sessions that are idle are ended. A cancelled ctx ends the waiting. The next process that wants the server
// starts it again, also one that was attached.
func (db *DB) Release(ctx context.Context) error {
	if db.visitor != nil {
		return db.visitor.close(func(own *DB) error { return own.Release(ctx) })
	}
	if db.reception != nil {
		db.reception.stop()
		ticker := time.NewTicker(releasePause)
		defer ticker.Stop()
		begun := time.Now()
		for !db.reception.idle(quietAfter(time.Since(begun))) && ctx.Err() == nil && db.gone() == nil {
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	}
	return db.Close()
}

// dialAttached is Dial of a DB whose server another process runs.
func (db *DB) dialAttached(ctx context.Context) (net.Conn, error) {
	conn, err := db.visitor.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}
