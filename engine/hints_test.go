package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestExtensionHint: PostgreSQL's hint to install the extension on the system cannot be followed here.
func TestExtensionHint(t *testing.T) {
	t.Parallel()
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{}))
	_, err := conn.Exec(context.Background(), "create extension postgis")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "0A000" || !strings.Contains(refused.Hint, "pglite extension list") {
		t.Fatalf("got %v", err)
	}
	if _, err := conn.Exec(context.Background(), "select 'x' || 1/0"); !errors.As(err, &refused) || refused.Hint != "" {
		t.Errorf("an error without a hint: %v, %q", err, refused.Hint)
	}
	// A hint with arguments.
	if _, err := conn.Exec(context.Background(), "set client_min_messages to nonsense"); !errors.As(err, &refused) || !strings.Contains(refused.Hint, "debug5") {
		t.Errorf("a hint of PostgreSQL's own: %v, %q", err, refused.Hint)
	}
}

// TestForeignLocales: dumps that name locales of other systems load, and whoever loads them learns that the order is C's.
func TestForeignLocales(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	config := enginetest.Config(t, db)
	var mu sync.Mutex
	var said []string
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		mu.Lock()
		said = append(said, n.Severity+": "+n.Message)
		mu.Unlock()
	}
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, test := range []struct{ sql, want string }{
		{"create database a template template0 lc_collate 'en_US.UTF-8' lc_ctype 'en_US.UTF-8'", "WARNING: locale \"en_US.UTF-8\""},
		{"create database b template template0 locale 'de_DE.utf8'", "WARNING: locale \"de_DE.utf8\""},
		{"create database c template template0 locale 'C.UTF-8'", ""},
		{"create collation d (locale = 'total.nonsense')", "WARNING: locale \"total.nonsense\""},
		{"create collation e (provider = builtin, locale = 'C.UTF-8')", ""},
		{"set lc_monetary = 'de_DE'", "NOTICE: locale \"de_DE\""},
		{"set lc_monetary = 'C'", ""},
		{"set lc_monetary = 'fr_FR'", "NOTICE: locale \"fr_FR\""},
		{"set debug_parallel_query = on", ""},
		{"select sum(relpages) from pg_class", ""}, // a worker takes the parameters over, and has nothing to say
	} {
		said = nil
		enginetest.Exec(t, conn, test.sql)
		mu.Lock()
		all := strings.Join(said, "\n")
		mu.Unlock()
		if test.want == "" && all != "" || !strings.HasPrefix(all, test.want) || len(said) > 1 {
			t.Errorf("%s: %q, want %q", test.sql, all, test.want)
		}
	}
	if got := enginetest.Get[string](t, conn, "select datcollate from pg_database where datname = 'b'"); got != "de_DE.utf8" {
		t.Errorf("the name is %q", got)
	}
}
