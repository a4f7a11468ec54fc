package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	cancelRounds = 20
	// endless runs for hours.
	endless = "select count(*) from generate_series(1, 1e10::bigint)"
	// checkInterval is client_connection_check_interval, in milliseconds.
	checkInterval = 20
)

// cancels measures how soon a busy statement ends.
func cancels(ctx context.Context, s *served, t *table) error {
	watcher, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer watcher.Close(ctx)
	for _, way := range []struct {
		name string
		end  func(context.Context, *pgx.Conn, *pgx.Conn, <-chan error) (time.Duration, error)
	}{
		{"by CancelRequest", byRequest},
		{fmt.Sprintf("by closing the connection, client_connection_check_interval %d ms", checkInterval), byClosing},
	} {
		var took []time.Duration
		for range cancelRounds {
			d, err := cancelOne(ctx, s, watcher, way.end)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			took = append(took, d)
		}
		middle, longest := median(took)
		t.add("cancel "+way.name, "%s (the longest of %d: %s)", ms(middle), cancelRounds, ms(longest))
	}
	return nil
}

// cancelOne ends one statement.
func cancelOne(ctx context.Context, s *served, watcher *pgx.Conn, end func(context.Context, *pgx.Conn, *pgx.Conn, <-chan error) (time.Duration, error)) (time.Duration, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, fmt.Sprintf("set client_connection_check_interval = %d", checkInterval)); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := conn.PgConn().Exec(ctx, endless).ReadAll()
		ended <- err
	}()
	for state := ""; state != "active"; {
		if err := watcher.QueryRow(ctx, "select state from pg_stat_activity where pid = $1", conn.PgConn().PID()).Scan(&state); err != nil {
			return 0, err
		}
	}
	time.Sleep(100*time.Millisecond + rand.N(2*checkInterval*time.Millisecond)) // into the loop, out of step with the interval
	return end(ctx, conn, watcher, ended)
}

// byRequest measures from the request until the client has the error.
func byRequest(ctx context.Context, conn, _ *pgx.Conn, ended <-chan error) (time.Duration, error) {
	begin := time.Now()
	if err := conn.PgConn().CancelRequest(ctx); err != nil {
		return 0, err
	}
	err := <-ended
	took := time.Since(begin)
	var server *pgconn.PgError
	if !errors.As(err, &server) || server.Code != "57014" {
		return 0, fmt.Errorf("the statement ended with %w, want SQLSTATE 57014", err)
	}
	return took, nil
}

// byClosing measures until the backend has gone.
func byClosing(ctx context.Context, conn, watcher *pgx.Conn, ended <-chan error) (time.Duration, error) {
	begin := time.Now()
	if err := conn.PgConn().Conn().Close(); err != nil {
		return 0, err
	}
	for left := 1; left > 0; {
		if err := watcher.QueryRow(ctx, "select count(*) from pg_stat_activity where pid = $1", conn.PgConn().PID()).Scan(&left); err != nil {
			return 0, err
		}
		if time.Since(begin) > time.Minute {
			return 0, errors.New("the backend goes on without its client")
		}
	}
	took := time.Since(begin)
	<-ended
	return took, nil
}
