package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// ownServer is a server that this process runs.
type ownServer struct {
	attach     *attachListener // nil for a cluster in memory
	guest      *guest
	log        *logTail
	postmaster *kernel.Process
	copiedFrom string // see [DB.CopiedFrom]
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

// startServer starts the server in this process.
func startServer(ctx context.Context, cfg Config) (*ownServer, error) {
	log := &logTail{to: cfg.log(), shown: cfg.Log != nil && cfg.NoLogInErrors}
	g, err := newGuest(cfg, owningNow)
	if err != nil {
		return nil, err
	}
	s := &ownServer{guest: g, log: log, closed: make(chan struct{}), hurry: make(chan struct{}, 1)}
	g.ended, g.noMemory = s.report, s.noMemory
	g.lock.onLoss(s.abandon)
	if g.lock != nil {
		s.openAttachListener()
	}
	if err := s.start(ctx); err != nil {
		s.attach.end()
		g.close()
		return nil, err
	}
	if s.attach != nil {
		_ = g.lock.describe(func(o *owner) { o.Starting = 0 })
		s.attach.serve()
	}
	return s, nil
}

// openAttachListener lets other processes find the server; without it, they cannot attach, and learn why.
func (s *ownServer) openAttachListener() {
	r, err := newAttachListener(s, s.guest.cfg.DataDir)
	if err == nil {
		err = s.guest.lock.describe(func(o *owner) { o.Socket, o.Starting = r.path(), 1 })
	}
	if err != nil {
		r.end()
		_ = s.guest.lock.describe(func(o *owner) {
			o.Socket, o.Ending, o.Starting, o.Alone = "", false, 0,
				err.Error()
		})
		fmt.Fprintf(s.log, "pglite: other processes cannot attach: %v\n", err)
		return
	}
	s.attach = r
}

// abandon ends all processes of the server at once, so that they write nothing more to a data directory which another
// process uses too.
func (s *ownServer) abandon(why error) {
	fmt.Fprintf(s.log, "pglite: %v: the server is killed\n", why)
	_ = s.guest.kernel.Close()
}

// report writes a trap to the log; PostgreSQL itself sees a child that a signal has ended and restarts the cluster.
func (s *ownServer) report(e kernel.End) {
	if e.Parent != noParent {
		s.noteFailure(e)
	}
	if e.Err == nil {
		return // an exit code, abort(3) or kill(2), which the server has said something about
	}
	s.traps.Add(1)
	fmt.Fprintf(s.log, "pglite: process %d ended by a trap: %v\n", e.PID, e.Err)
}

// noteFailure notes the end of a child of the postmaster. Each restart ends the checkpointer, which is one of the few
// children that ignore SIGTERM; the others end with it.
func (s *ownServer) noteFailure(e kernel.End) {
	s.failed.Store(true)
	if e.Ignored(kernel.SIGTERM) && e.PID > s.newest.Load() {
		s.newest.Store(s.guest.kernel.NewestPID())
		s.restarts.Add(1)
	}
}

// ended describes the postmaster's end.
func (s *ownServer) ended(doing string) error {
	status, err := s.postmaster.Wait(context.Background())
	if err != nil {
		return err
	}
	return &ServerError{Doing: doing, Cause: errors.New(status.String()), Log: s.guest.hostPaths(s.log.String())}
}

// hostPaths names files of the data directory as the host does: users do not know the guest's name for it.
func (g *guest) hostPaths(text string) string {
	if g.cfg.DataDir == Memory {
		return text
	}
	return strings.ReplaceAll(text, `"`+guestData+`/`, `"`+g.cfg.DataDir+`/`)
}

// noParent is the parent of a process that the host has started.
const noParent = 1

func (s *ownServer) dial(ctx context.Context) (net.Conn, error) {
	conn, err := s.dialAs(ctx, kernel.Client{})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (s *ownServer) gone() error {
	if s.down.Load() {
		return ErrClosed
	}
	select {
	case <-s.postmaster.Done():
		return fmt.Errorf("%w: %w", ErrClosed, s.ended("run"))
	default:
		return nil
	}
}

func (s *ownServer) own() (*ownServer, error) { return s, nil }

func (s *ownServer) done() <-chan struct{} { return s.postmaster.Done() }

func (s *ownServer) dataDir() string { return s.guest.cfg.DataDir }

func (s *ownServer) dataRoot() (*os.Root, error) { return s.guest.lock.openRoot(s.dataDir()) }

func (s *ownServer) runTool(ctx context.Context, t Tool) (exitCode int, err error) {
	if err := s.gone(); err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	return s.guest.run(ctx, t)
}
