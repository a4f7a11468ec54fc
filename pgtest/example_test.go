package pgtest_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/pgtest"
)

// Most programs embed the folder of their schema: //go:embed schema.
var schema = fstest.MapFS{"1_orders.sql": {Data: []byte("CREATE TABLE orders (id bigserial, what text)")}}

func ExampleNew() {
	test := func(t *testing.T) { // TestOrders, say
		t.Parallel()
		db := pgtest.New(t, pgtest.Schema(schema))
		conn, err := pgx.Connect(t.Context(), db.URI())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(t.Context(), "INSERT INTO orders (what) VALUES ('tea')"); err != nil {
			t.Error(err)
		}
	}
	_ = test
}
