package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
)

// tryPq tries lib/pq.
func tryPq(t target) report {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	r := report{}
	for _, over := range ways {
		r.attempt(over, func() error {
			db, err := sql.Open("postgres", t.dsn(over))
			if err != nil {
				return err
			}
			return errors.Join(db.PingContext(ctx), db.Close())
		})
	}
	r.none("lib/pq sends one statement at a time", "pipeline", "pipeline-error")
	r.none("lib/pq has no COPY out", "copy-out")
	db, err := sql.Open("postgres", t.dsn("tcp"))
	if err != nil {
		return r
	}
	defer db.Close()
	c := pqChecks{ctx, t, db}
	r.attemptAll([]check{
		{"simple", func() error { return c.answer("select 42") }},
		{"extended", func() error { return c.answer("select $1::int + $2::int", 40, 2) }},
		{"prepared", c.prepared},
		{"binary", c.binary},
		{"copy-in", c.copyIn},
		{"cancel", c.cancel},
		{"notify", c.notify},
		{"large", c.large},
	})
	return r
}

type pqChecks struct {
	ctx context.Context
	t   target
	db  *sql.DB
}

func (c pqChecks) answer(query string, args ...any) error {
	var n int
	if err := c.db.QueryRowContext(c.ctx, query, args...).Scan(&n); err != nil {
		return err
	}
	return want(n, 42)
}

func (c pqChecks) prepared() error {
	s, err := c.db.PrepareContext(c.ctx, "select $1::int * 2")
	if err != nil {
		return err
	}
	for i := range 100 {
		var n int
		if err := s.QueryRowContext(c.ctx, i).Scan(&n); err != nil {
			return err
		}
		if err := want(n, 2*i); err != nil {
			return err
		}
	}
	return s.Close()
}

func (c pqChecks) binary() error {
	db, err := sql.Open("postgres", c.t.dsn("tcp")+" binary_parameters=yes")
	if err != nil {
		return err
	}
	defer db.Close()
	data := []byte{0, 1, 2, 255}
	var got []byte
	if err := db.QueryRowContext(c.ctx, "select $1::bytea", data).Scan(&got); err != nil {
		return err
	}
	if !bytes.Equal(got, data) {
		return fmt.Errorf("got %v", got)
	}
	return nil
}

func (c pqChecks) copyIn() error {
	tx, err := c.db.BeginTx(c.ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(c.ctx, "create temp table copied(a int, b text)"); err != nil {
		return err
	}
	s, err := tx.PrepareContext(c.ctx, `COPY copied ("a", "b") FROM STDIN`)
	if err != nil {
		return err
	}
	for i := range 100_000 {
		if _, err := s.ExecContext(c.ctx, i, "text"); err != nil {
			return err
		}
	}
	if _, err := s.ExecContext(c.ctx); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	var n int
	if err := tx.QueryRowContext(c.ctx, "select count(*) from copied").Scan(&n); err != nil {
		return err
	}
	return want(n, 100_000)
}

func (c pqChecks) cancel() error {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	waited := make(chan error, 1)
	go func() {
		waited <- c.t.untilBusy(ctx)
		cancel()
	}()
	_, err := c.db.ExecContext(ctx, endless)
	cancel()
	var server *pq.Error
	if e := <-waited; e != nil || !errors.As(err, &server) || server.Code != "57014" {
		return errors.Join(fmt.Errorf("the query ended with %w, want SQLSTATE 57014", err), e)
	}
	return c.db.PingContext(c.ctx)
}

func (c pqChecks) notify() error {
	l := pq.NewListener(c.t.dsn("tcp"), time.Second, time.Minute, nil)
	defer l.Close()
	if err := l.Listen("news"); err != nil {
		return err
	}
	if _, err := c.db.ExecContext(c.ctx, "notify news, 'hello'"); err != nil {
		return err
	}
	select {
	case n := <-l.Notify:
		return want(n.Extra, "hello")
	case <-time.After(patience):
		return errors.New("no notification")
	}
}

func (c pqChecks) large() error {
	big := strings.Repeat("0123456789", 2_000_000)
	var got string
	if err := c.db.QueryRowContext(c.ctx, "select $1::text", big).Scan(&got); err != nil {
		return err
	}
	if got != big {
		return errors.New("the value is not the same")
	}
	return nil
}
