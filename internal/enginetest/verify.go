package enginetest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

// Verify checks every index and every heap of database postgres with amcheck
// (https://www.postgresql.org/docs/18/amcheck.html). A server that the test has ended is left alone, and so are
// benchmarks and -short. Open does it at the end of the test: only who closes the cluster before has to call it.
func Verify(t testing.TB, db *engine.DB) {
	t.Helper()
	if _, bench := t.(*testing.B); bench || testing.Short() || db.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, Config(t, db))
	if err != nil {
		t.Errorf("verify the cluster: %v", err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create schema if not exists verification; create extension if not exists amcheck schema verification"); err != nil {
		t.Errorf("verify the cluster: %v", err)
		return
	}
	var indexes, problems int
	err = conn.QueryRow(ctx, `select count(verification.bt_index_check(c.oid, true)::text) from pg_class c join pg_am a on a.oid = c.relam join pg_index i on i.indexrelid = c.oid
		where a.amname = 'btree' and c.relpersistence = 'p' and i.indisvalid and c.relkind = 'i'`).Scan(&indexes)
	if err != nil || indexes < 100 {
		t.Errorf("verify the cluster: %d indexes checked, %v", indexes, err)
	}
	err = conn.QueryRow(ctx, `select count(*) from pg_class c, lateral verification.verify_heapam(c.oid) p where c.relkind in ('r', 'm') and c.relpersistence = 'p'`).Scan(&problems)
	if err != nil || problems != 0 {
		t.Errorf("verify the cluster: %d problems in heaps, %v", problems, err)
	}
}
