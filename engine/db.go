package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// DB is a running PostgreSQL server. All methods are safe for concurrent use.
type DB struct {
	visitor *visitor // when another process runs the server; the other fields are not used then

	reception  *reception // nil for a cluster in memory
	guest      *guest
	log        *logTail
	postmaster *kernel.Process
	traps      atomic.Int64
	failed     atomic.Bool  // a child of the postmaster has ended with another exit status than 0
	restarts   atomic.Int64 // of the server after crashes, by the postmaster
	reasons    sync.Map     // why there was no memory, that were told
	newest     atomic.Int32 // the last child at the last restart

	closing sync.Once
	hurry   chan struct{} // CloseImmediately was called; buffered
	closed  chan struct{} // Close has finished
	err     error         // of Close
	down    atomic.Bool   // Close has begun
}

// Open starts the server on a data directory and returns when it accepts connections. When another process runs it
// already, Open attaches to that one unless Config.NoAttach is set; when that process ends, the DB starts the server
// itself at the next Dial, or attaches to whoever has. A cancelled ctx ends the start. Errors: ErrLocked,
// ErrNotCluster, *OwnershipError, *VersionError, *ServerError.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	switch cfg.DataDir {
	case "":
		return nil, errors.New("Config.DataDir is empty: give a data directory or engine.Memory")
	case Memory:
		return openOwner(ctx, cfg)
	}
	cfg = cfg.copyOf()
	own, socket, err := ownOrFind(ctx, cfg)
	if err != nil || own != nil {
		return own, err
	}
	if len(cfg.Settings) > 0 || cfg.MaxMemory > 0 {
		return nil, fmt.Errorf("data directory %q: %w, which takes no server parameters and no memory limit from this one: leave them out, or stop that process first", cfg.DataDir, errAttached)
	}
	return &DB{visitor: newVisitor(cfg, socket)}, nil
}

// openOwner starts the server in this process.
func openOwner(ctx context.Context, cfg Config) (*DB, error) {
	log := &logTail{to: cfg.Log, shown: cfg.Log != nil && cfg.LogShown}
	g, err := newGuest(cfg, owning)
	if err != nil {
		return nil, err
	}
	db := &DB{guest: g, log: log, closed: make(chan struct{}), hurry: make(chan struct{}, 1)}
	g.ended, g.noMemory = db.report, db.noMemory
	g.lock.onLoss(db.abandon)
	if g.lock != nil {
		db.openReception()
	}
	if err := db.start(ctx); err != nil {
		db.reception.end()
		g.close()
		return nil, err
	}
	if db.reception != nil {
		_ = g.lock.describe(func(o *owner) { o.Starting = 0 })
		db.reception.serve()
	}
	return db, nil
}

// openReception lets other processes find the server; without it, they cannot attach, and learn why.
func (db *DB) openReception() {
	r, err := newReception(db, db.guest.cfg.DataDir)
	if err == nil {
		err = db.guest.lock.describe(func(o *owner) { o.Socket, o.Starting = r.path(), 1 })
	}
	if err != nil {
		r.end()
		_ = db.guest.lock.describe(func(o *owner) { o.Socket, o.Ending, o.Starting, o.Alone = "", false, 0, err.Error() })
		fmt.Fprintf(db.log, "pglite: other processes cannot attach: %v\n", err)
		return
	}
	db.reception = r
}

// abandon ends all processes of the server at once, so that they write nothing more to a data directory which another
// process uses too.
func (db *DB) abandon(why error) {
	fmt.Fprintf(db.log, "pglite: %v: the server is killed\n", why)
	_ = db.guest.kernel.Close()
}

// report writes a trap to the log; PostgreSQL itself sees a child that a signal has ended and restarts the cluster.
func (db *DB) report(e kernel.End) {
	if e.Parent != noParent {
		db.noteFailure(e)
	}
	if e.Err == nil {
		return // an exit code, abort(3) or kill(2), which the server has said something about
	}
	db.traps.Add(1)
	fmt.Fprintf(db.log, "pglite: process %d ended by a trap: %v\n", e.PID, e.Err)
}

// noteFailure notes the end of a child of the postmaster. Each restart ends the checkpointer, which is one of the few
// children that ignore SIGTERM; the others end with it.
func (db *DB) noteFailure(e kernel.End) {
	db.failed.Store(true)
	if e.Ignored(kernel.SIGTERM) && e.PID > db.newest.Load() {
		db.newest.Store(db.guest.kernel.NewestPID())
		db.restarts.Add(1)
	}
}

// noParent is the parent of a process that the host has started.
const noParent = 1

// Traps counts the processes that a WebAssembly trap or a panic of the host has ended.
func (db *DB) Traps() int64 {
	own, err := db.owner()
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
	if db.visitor != nil {
		return db.dialAttached(ctx)
	}
	conn, err := db.dialAs(ctx, kernel.Client{})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// gone tells why the server is not there any more, nil while it is.
func (db *DB) gone() error {
	if db.visitor != nil {
		_, own, err := db.visitor.state()
		if err != nil || own == nil {
			return err
		}
		return own.gone()
	}
	if db.down.Load() {
		return ErrClosed
	}
	select {
	case <-db.postmaster.Done():
		return fmt.Errorf("%w: %w", ErrClosed, db.ended("run"))
	default:
		return nil
	}
}

// ended describes the postmaster's end.
func (db *DB) ended(doing string) error {
	status, err := db.postmaster.Wait(context.Background())
	if err != nil {
		return err
	}
	return &ServerError{Doing: doing, Cause: errors.New(status.String()), Log: db.guest.hostPaths(db.log.String())}
}

// hostPaths names files of the data directory as the host does: users do not know the guest's name for it.
func (g *guest) hostPaths(text string) string {
	if g.cfg.DataDir == Memory {
		return text
	}
	return strings.ReplaceAll(text, `"`+guestData+`/`, `"`+g.cfg.DataDir+`/`)
}

// Done is closed when the server has ended, by Close or by itself; Err tells why. Of a DB that was attached it is
// closed by Close: when the server has ended in another way, the next Dial starts it again.
func (db *DB) Done() <-chan struct{} {
	if db.visitor != nil {
		return db.visitor.closed
	}
	return db.postmaster.Done()
}

// Err returns nil while the server runs, ErrClosed after Close, an error that wraps ErrClosed and a *ServerError when
// the postmaster ended by itself.
func (db *DB) Err() error { return db.gone() }

// How long the steps of a shutdown may take before the next, harder one.
const (
	fastPatience      = 60 * time.Second
	immediatePatience = 5 * time.Second
)

// Close is PostgreSQL's fast shutdown: open transactions are rolled back, clients disconnected, a checkpoint written.
// Idempotent; it returns a *ServerError when the server did not end cleanly. A DB that is attached ends its own
// sessions only.
func (db *DB) Close() error {
	if db.visitor != nil {
		return db.visitor.close((*DB).Close)
	}
	return db.stop(kernel.SIGINT, fastPatience)
}

// CloseImmediately is PostgreSQL's immediate shutdown: nothing is written, the next start recovers from the WAL. It
// also ends the patience of a Close that is under way.
func (db *DB) CloseImmediately() error {
	if db.visitor != nil {
		return db.visitor.close((*DB).CloseImmediately)
	}
	select {
	case db.hurry <- struct{}{}:
	default:
	}
	return db.stop(kernel.SIGQUIT, immediatePatience)
}

func (db *DB) stop(sig kernel.Signal, patience time.Duration) error {
	db.closing.Do(func() {
		defer close(db.closed)
		db.down.Store(true)
		db.reception.stop()
		db.err = db.shutdown(sig, patience)
		db.reception.end()
		db.guest.close()
	})
	<-db.closed
	return db.err
}

func (db *DB) shutdown(sig kernel.Signal, patience time.Duration) error {
	select {
	case <-db.postmaster.Done():
		return db.ended("run")
	default:
	}
	if sig == kernel.SIGINT && db.failed.Load() {
		db.settle()
	}
	db.postmaster.Signal(sig)
	if db.wait(patience, sig == kernel.SIGINT) {
		if status, _ := db.postmaster.Wait(context.Background()); status != kernel.Exited(0) && sig == kernel.SIGINT {
			return db.ended("stop")
		}
		return nil
	}
	db.postmaster.Signal(kernel.SIGQUIT)
	if db.wait(immediatePatience, false) {
		return db.ended("stop")
	}
	return &ServerError{Doing: "stop", Cause: errors.New("it does not answer and was killed"), Log: db.log.String()}
}

// wait waits for the postmaster's end; it gives up after d, and of a fast shutdown on CloseImmediately and when the end
// cannot come.
//
// PostgreSQL's fast shutdown never ends when it begins while the server recovers from a crash: the postmaster waits for
// its checkpointer, which it sends SIGTERM (postmaster.c, PM_STOP_BACKENDS with FatalError), and the checkpointer
// ignores that (checkpointer.c). Then an immediate shutdown is what is left, and loses nothing: there is no checkpoint
// to write before the recovery is done.
func (db *DB) wait(d time.Duration, fast bool) bool {
	const interval = 20 * time.Millisecond
	timer, ticker := time.NewTimer(d), time.NewTicker(interval)
	defer timer.Stop()
	defer ticker.Stop()
	var hurry chan struct{}
	if fast {
		hurry = db.hurry
	}
	for {
		select {
		case <-hurry:
			return false
		case <-db.postmaster.Done():
			return true
		case <-timer.C:
			return false
		case <-ticker.C:
			if fast && db.postmaster.AsksInVain() {
				return false
			}
		}
	}
}
