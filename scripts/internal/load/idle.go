package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// idleSessions is how many there are at once.
const idleSessions = 100

// settling is how long memory is left to itself before it is measured.
const settling = 2 * time.Second

// idleServer measures a server that nobody uses.
func idleServer(_ context.Context, s *served, t *table) error {
	time.Sleep(settling)
	mb, err := s.memory()
	t.add("memory of a new server (PSS)", "%.0f MB", mb)
	return err
}

// idleConnections opens sessions that do nothing but stay.
func idleConnections(ctx context.Context, s *served, t *table) (err error) {
	before, err := s.memory()
	if err != nil {
		return err
	}
	var conns []*pgx.Conn
	defer func() {
		for _, c := range conns {
			err = errors.Join(err, c.Close(ctx))
		}
	}()
	var took []time.Duration
	for range idleSessions {
		begin := time.Now()
		conn, err := s.connect(ctx)
		if err != nil {
			return err
		}
		took = append(took, time.Since(begin))
		conns = append(conns, conn)
	}
	time.Sleep(settling)
	after, err := s.memory()
	if err != nil {
		return err
	}
	middle, longest := median(took)
	t.add(fmt.Sprintf("a new connection, with %d open at the end", idleSessions), "%s (the longest %s)", ms(middle), ms(longest))
	t.add(fmt.Sprintf("memory with %d idle connections (PSS)", idleSessions), "%.0f MB, %.1f MB a session", after, (after-before)/idleSessions)
	for _, c := range conns {
		var answer int
		if err := c.QueryRow(ctx, "select 40 + 2").Scan(&answer); err != nil || answer != 42 {
			return fmt.Errorf("a session that was idle answers %d, %w", answer, err)
		}
	}
	return nil
}
