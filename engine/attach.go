package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// How long Open waits for an owner of the data directory that cannot be reached, since that last wrote something new to
// the lock's file.
const (
	// noSocketPatience: it does not say where it listens. It may be about to, or is a tool that nobody can attach to.
	noSocketPatience = time.Second
	// unknownPatience: it does not say who it is, because somebody has removed or emptied the lock's file. It is about
	// to write it again.
	unknownPatience = 10 * watchInterval
	// unreachablePatience: it does not listen where it says. It may be about to, or about to end.
	unreachablePatience = 15 * time.Second
	// shutdownPatience: it is shutting down, which takes so long at most unless it waits for transactions of others.
	shutdownPatience = settlePatience + fastPatience + immediatePatience + unreachablePatience
	// probePatience: somebody may only have looked whether there is an owner, see Owner.
	probePatience = 100 * time.Millisecond
	longestPause  = 50 * time.Millisecond
)

// silentPatience is how long to wait for one that takes the connection and says nothing, nor writes that it is still
// starting. It may be stopped.
var silentPatience = 20 * time.Second

// patience is how long to wait for the owner.
func (o owner) patience() time.Duration {
	switch {
	case o.Ending:
		return shutdownPatience
	case o.PID == 0:
		return unknownPatience
	case o.Socket == "":
		return noSocketPatience
	}
	return unreachablePatience
}

// ownOrFind starts the server, or returns the socket of the process that runs it.
func ownOrFind(ctx context.Context, cfg Config) (own *ownServer, socket string, err error) {
	start := time.Now()
	since, last := start, owner{}
	tell := once(cfg.progress)
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		own, err := startServer(ctx, cfg)
		var locked *LockedError
		if !errors.As(err, &locked) || cfg.NoAttach && time.Since(start) > probePatience {
			return own, "", err
		}
		now := readOwner(cfg.DataDir)
		if !now.same(last) {
			last, since = now, time.Now()
		}
		if now.Socket != "" && !now.Ending && !cfg.NoAttach {
			err := now.answers(ctx, tell)
			if err == nil {
				return nil, now.Socket, nil
			}
			if errors.Is(err, errSilent) && readOwner(cfg.DataDir).same(now) && isOwned(cfg.DataDir) {
				return nil, "", &LockedError{Dir: cfg.DataDir, PID: now.PID, Silent: true}
			}
		}
		waited := time.Since(since)
		if waited > now.patience() {
			return nil, "", locked
		}
		if now.Ending && waited > noSocketPatience {
			tell(fmt.Sprintf("waiting for pglite process %d, which is shutting down", now.PID))
		}
		if err := wait(ctx, pause); err != nil {
			return nil, "", fmt.Errorf("open data directory %q: %w", cfg.DataDir, err)
		}
	}
}

// wait waits for a pause, or for the end of ctx, which is an error.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// once passes on a phrase the first time that there is one.
func once(tell func(string)) func(string) {
	var done sync.Once
	return func(phrase string) { done.Do(func() { tell(phrase) }) }
}

// errSilent tells that an owner takes connections and does not answer.
var errSilent = errors.New("the process does not answer")

// answers asks the owner at its socket whether it lets us in, which it does at once unless something is wrong with it.
func (o owner) answers(ctx context.Context, tell func(string)) error {
	what := "owns the data directory and does not answer"
	if o.Starting > 0 {
		what = "is starting the server"
	}
	slow := time.AfterFunc(noSocketPatience, func() {
		tell(fmt.Sprintf("waiting for pglite process %d, which %s", o.PID, what))
	})
	defer slow.Stop()
	conn, err := handshakePatiently(ctx, o.Socket)
	if err != nil {
		return err
	}
	return conn.Close()
}
