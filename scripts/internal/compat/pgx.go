package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// patience limits what a client does with one feature.
const patience = 2 * time.Minute

// tryPgx tries jackc/pgx.
func tryPgx(t target) report {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	r := report{}
	for _, over := range ways {
		r.attempt(over, func() error {
			conn, err := pgx.Connect(ctx, t.dsn(over))
			if err != nil {
				return err
			}
			return errors.Join(conn.Ping(ctx), conn.Close(ctx))
		})
	}
	conn, err := pgx.Connect(ctx, t.dsn("tcp"))
	if err != nil {
		return r
	}
	defer conn.Close(ctx)
	c := pgxChecks{ctx, t, conn}
	r.attemptAll([]check{
		{"simple", func() error { return c.sum(pgx.QueryExecModeSimpleProtocol) }},
		{"extended", func() error { return c.sum(pgx.QueryExecModeExec) }},
		{"prepared", c.prepared},
		{"pipeline", c.pipeline},
		{"pipeline-error", c.pipelineError},
		{"binary", c.binary},
		{"copy-in", c.copyIn},
		{"copy-out", c.copyOut},
		{"cancel", c.cancel},
		{"notify", c.notify},
		{"large", c.large},
	})
	return r
}

type pgxChecks struct {
	ctx  context.Context
	t    target
	conn *pgx.Conn
}

// want compares.
func want[T comparable](got, wanted T) error {
	if got != wanted {
		return fmt.Errorf("got %v, want %v", got, wanted)
	}
	return nil
}

func (c pgxChecks) sum(mode pgx.QueryExecMode) error {
	var n int
	if err := c.conn.QueryRow(c.ctx, "select $1::int + $2::int", mode, 40, 2).Scan(&n); err != nil {
		return err
	}
	return want(n, 42)
}

func (c pgxChecks) prepared() error {
	if _, err := c.conn.Prepare(c.ctx, "double", "select $1::int * 2"); err != nil {
		return err
	}
	for i := range 100 {
		var n int
		if err := c.conn.QueryRow(c.ctx, "double", i).Scan(&n); err != nil {
			return err
		}
		if err := want(n, 2*i); err != nil {
			return err
		}
	}
	return c.conn.Deallocate(c.ctx, "double")
}

func (c pgxChecks) pipeline() error {
	batch := &pgx.Batch{}
	const many = 500
	for i := range many {
		batch.Queue("select $1::int", i)
	}
	results := c.conn.SendBatch(c.ctx, batch)
	for i := range many {
		var n int
		if err := results.QueryRow().Scan(&n); err != nil {
			return err
		}
		if err := want(n, i); err != nil {
			return err
		}
	}
	return results.Close()
}

func (c pgxChecks) pipelineError() error {
	p := c.conn.PgConn().StartPipeline(c.ctx)
	for _, sql := range []string{"select 1", "select 1/0", "select 2"} {
		p.SendQueryParams(sql, nil, nil, nil, nil)
		p.SendPipelineSync()
	}
	if err := p.Flush(); err != nil {
		return err
	}
	var got []string
	for range 6 {
		result, err := p.GetResults()
		switch result := result.(type) {
		case *pgconn.ResultReader:
			rows := result.Read()
			if rows.Err != nil {
				err = rows.Err
			} else {
				got = append(got, string(rows.Rows[0][0]))
			}
		case *pgconn.PipelineSync:
			got = append(got, "sync")
		}
		var server *pgconn.PgError
		if errors.As(err, &server) {
			got = append(got, server.Code)
		} else if err != nil {
			return err
		}
	}
	if err := p.Close(); err != nil {
		return err
	}
	return want(strings.Join(got, " "), "1 sync 22012 sync 2 sync")
}

func (c pgxChecks) binary() error {
	at := time.Date(2024, 2, 29, 12, 0, 0, 123456000, time.UTC)
	var (
		gotBytes []byte
		gotTime  time.Time
		gotList  []int64
		gotFloat float64
	)
	data := []byte{0, 1, 2, 255}
	if err := c.conn.QueryRow(c.ctx, "select $1::bytea, $2::timestamptz, $3::bigint[], $4::float8", data, at, []int64{1, -2, 1 << 60}, 0.1).
		Scan(&gotBytes, &gotTime, &gotList, &gotFloat); err != nil {
		return err
	}
	if !bytes.Equal(gotBytes, data) || !gotTime.Equal(at) || len(gotList) != 3 || gotList[2] != 1<<60 || gotFloat != 0.1 {
		return fmt.Errorf("got %v, %v, %v, %v", gotBytes, gotTime, gotList, gotFloat)
	}
	return nil
}

func (c pgxChecks) copyIn() error {
	if _, err := c.conn.Exec(c.ctx, "create temp table copied(a int, b text)"); err != nil {
		return err
	}
	n, err := c.conn.CopyFrom(c.ctx, pgx.Identifier{"copied"}, []string{"a", "b"}, pgx.CopyFromSlice(100_000, func(i int) ([]any, error) { return []any{i, "text"}, nil }))
	if err != nil {
		return err
	}
	return want(n, 100_000)
}

func (c pgxChecks) copyOut() error {
	var b bytes.Buffer
	if _, err := c.conn.PgConn().CopyTo(c.ctx, &b, "copy (select g, repeat('x', 100) from generate_series(1, 100000) g) to stdout"); err != nil {
		return err
	}
	return want(bytes.Count(b.Bytes(), []byte("\n")), 100_000)
}

func (c pgxChecks) cancel() error {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		_, err := c.conn.PgConn().Exec(ctx, endless).ReadAll()
		ended <- err
	}()
	err := c.t.untilBusy(c.ctx)
	if err == nil {
		err = c.conn.PgConn().CancelRequest(c.ctx)
	}
	if err != nil {
		stop() // nobody else may use the connection until the query has ended
		return errors.Join(err, <-ended)
	}
	var server *pgconn.PgError
	if err := <-ended; !errors.As(err, &server) || server.Code != "57014" {
		return fmt.Errorf("the query ended with %w, want SQLSTATE 57014", err)
	}
	return c.conn.Ping(c.ctx)
}

func (c pgxChecks) notify() error {
	if _, err := c.conn.Exec(c.ctx, "listen news"); err != nil {
		return err
	}
	other, err := pgx.Connect(c.ctx, c.t.dsn("unix"))
	if err != nil {
		return err
	}
	defer other.Close(c.ctx)
	if _, err := other.Exec(c.ctx, "notify news, 'hello'"); err != nil {
		return err
	}
	n, err := c.conn.WaitForNotification(c.ctx)
	if err != nil {
		return err
	}
	return want(n.Payload, "hello")
}

func (c pgxChecks) large() error {
	big := strings.Repeat("0123456789", 2_000_000)
	var got string
	if err := c.conn.QueryRow(c.ctx, "select $1::text", big).Scan(&got); err != nil {
		return err
	}
	if got != big {
		return errors.New("the value is not the same")
	}
	var rows int
	if err := c.conn.QueryRow(c.ctx, "select count(*) from (select repeat(g::text, 1000) from generate_series(1, 20000) g) s").Scan(&rows); err != nil {
		return err
	}
	return want(rows, 20_000)
}
