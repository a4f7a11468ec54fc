package engine_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// BenchmarkOpen is the start of a server on an existing cluster, code loaded, and its fast shutdown.
func BenchmarkOpen(b *testing.B) {
	dir := enginetest.DataDir(b)
	for b.Loop() {
		db, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(b)})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkConnect is a new connection: fork, authentication, the caches of a backend.
func BenchmarkConnect(b *testing.B) {
	ctx := context.Background()
	config := enginetest.Config(b, enginetest.Open(b, engine.Config{}))
	for b.Loop() {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			b.Fatal(err)
		}
		if err := conn.Close(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSelect1 is the round trip of the smallest query, over the simple and the extended protocol.
func BenchmarkSelect1(b *testing.B) {
	ctx := context.Background()
	conn := enginetest.Connect(b, enginetest.Open(b, engine.Config{}))
	for name, mode := range map[string]pgx.QueryExecMode{"simple": pgx.QueryExecModeSimpleProtocol, "prepared": pgx.QueryExecModeCacheStatement} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := conn.Exec(ctx, "select 1", mode); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBulk are statements that work on many rows.
func BenchmarkBulk(b *testing.B) {
	conn := enginetest.Connect(b, enginetest.Open(b, engine.Config{Settings: map[string]string{"max_parallel_workers_per_gather": "0"}}))
	enginetest.Exec(b, conn, "create table t(id int primary key, n int, s text); insert into t select g, g % 1000, 'row '||g from generate_series(1, 50000) g; create index on t(n); analyze t; create table u(like t)")
	for name, sql := range map[string]string{
		"insert":    "truncate u; insert into u select g, g, 'x'||g from generate_series(1, 20000) g",
		"update":    "update t set s = s where n < 20",
		"scan":      "select count(*), sum(n) from t where s like '%9%'",
		"sort":      "select count(*) from (select s from t order by s offset 1) x",
		"aggregate": "select n, count(*), max(s) from t group by n",
		"series":    "select sum(g) from generate_series(1, 300000) g",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				enginetest.Exec(b, conn, sql)
			}
		})
	}
}
