package main

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/pglite-toolbox/pglite/embedded"
	"github.com/pglite-toolbox/pglite/pgtest"
)

func TestPgx(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := embedded.Open(ctx, t.TempDir()+"/db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE t (a int, b text)"); err != nil {
		t.Fatal(err)
	}
	rows := [][]any{{1, "one"}, {2, "two"}}
	if n, err := conn.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"a", "b"}, pgx.CopyFromRows(rows)); err != nil || n != 2 {
		t.Errorf("COPY: %d, %v", n, err)
	}
	if _, err := conn.Exec(ctx, "LISTEN news; NOTIFY news, 'hello'"); err != nil {
		t.Error(err)
	}
	if n, err := conn.WaitForNotification(ctx); err != nil || n.Payload != "hello" {
		t.Errorf("LISTEN: %v, %v", n, err)
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	db, err := embedded.Open(t.Context(), embedded.Memory)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	config := db.PoolConfig()
	config.MaxConns = 10
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			var got int
			if err := pool.QueryRow(context.Background(), "SELECT $1::int", i).Scan(&got); err != nil || got != i {
				t.Errorf("%d: %d, %v", i, got, err)
			}
		})
	}
	all.Wait()
}

// schema is a go:embed in most programs.
var schema = fstest.MapFS{"1.sql": {Data: []byte("CREATE TABLE orders (id bigserial PRIMARY KEY, what text NOT NULL)")}}

func TestDatabases(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db, err := sql.Open("pgx", pgtest.New(t, pgtest.Schema(schema)).URI())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("INSERT INTO orders (what) VALUES ($1)", fmt.Sprint("tea ", i)); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.QueryRow("SELECT count(*) FROM orders").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d orders, %v", n, err)
			}
		})
	}
}
