package engine_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

func dialer(db *engine.DB) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
}

// TestDepth sends what recurses without end, or as deep as a client can make it. PostgreSQL must say so (54001, or
// whatever it says natively of bad input), and never trap.
func TestDepth(t *testing.T) {
	t.Parallel()
	const deep = 1_000_000
	db := enginetest.Open(t, engine.Config{})
	nest := func(open, middle, end string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
	}
	setup := enginetest.Connect(t, db)
	enginetest.Exec(t, setup, `
		create extension ltree; create extension cube;
		create function loop_sql(int) returns int language sql as 'select loop_sql($1 + 1)';
		create function loop_plpgsql(int) returns int language plpgsql as 'begin return loop_plpgsql($1 + 1); end';
		create table self(i int);
		create function fire() returns trigger language plpgsql as 'begin insert into self values (new.i + 1); return new; end';
		create trigger again after insert on self for each row execute function fire()`)
	for _, c := range []struct {
		name, sql string
		args      []any
		want      string // SQLSTATE
	}{
		{"sql function", "select loop_sql(1)", nil, "54001"},
		{"plpgsql function", "select loop_plpgsql(1)", nil, "54001"},
		{"trigger", "insert into self values (1)", nil, "54001"},
		{"parentheses", "select " + nest("(", "1", ")", deep), nil, ""},
		{"not", "select " + strings.Repeat("not ", deep) + "true", nil, ""},
		{"minus", "select " + strings.Repeat("- ", deep) + "1", nil, ""},
		{"plus chain", "select 1" + strings.Repeat(" + 1", 100_000), nil, ""},
		{"concatenation", "select 'a'" + strings.Repeat(" || 'a'", 100_000), nil, ""},
		{"case", "select " + nest("case when true then ", "1", " end", 100_000), nil, ""},
		{"array", "select " + nest("array[", "1", "]", 100_000), nil, ""},
		{"row", "select " + nest("row(", "1", ")", 100_000), nil, ""},
		{"subselect", "select " + nest("(select ", "1", ")", 100_000), nil, ""},
		{"union", "select 1" + strings.Repeat(" union all select 1", 20_000), nil, ""},
		{"function calls", "select " + nest("abs(", "1", ")", 100_000), nil, ""},
		{"json text", "select $1::text::json", []any{nest("[", "", "]", deep)}, "54001"},
		{"json objects", "select $1::text::json", []any{nest(`{"a":`, "1", "}", deep)}, "54001"},
		{"jsonb text", "select $1::text::jsonb", []any{nest("[", "", "]", deep)}, "54001"},
		{"jsonpath", "select $1::text::jsonpath", []any{nest("(", "$", ")", deep)}, ""},
		{"regular expression", "select 'a' ~ $1::text", []any{nest("(", "a", ")", deep)}, ""},
		{"regular expression stars", "select 'a' ~ $1::text", []any{nest("(?:", "a", ")*", deep)}, ""},
		{"text search query", "select $1::text::tsquery", []any{nest("(", "a", ")", deep)}, ""},
		{"text search not", "select $1::text::tsquery", []any{strings.Repeat("!", deep) + "a"}, ""},
		{"array literal", "select $1::text::int[]", []any{nest("{", "", "}", deep)}, ""},
		{"to_tsquery", "select to_tsquery($1)", []any{nest("(", "a", ")", deep)}, ""},
		{"ltree query", "select $1::text::lquery", []any{nest("(", "a", ")", deep)}, ""},
		{"ltree text query", "select $1::text::ltxtquery", []any{nest("(", "a", ")", deep)}, ""},
		{"cube", "select $1::text::cube", []any{nest("(", "1", ")", deep)}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := enginetest.Connect(t, db)
			ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
			defer cancel()
			_, err := conn.Exec(ctx, c.sql, c.args...)
			state := sqlState(err)
			if err != nil && state == "" {
				t.Fatalf("the session ended: %.300v", err)
			}
			if c.want != "" && state != c.want {
				t.Errorf("got %.300v, want %s", err, c.want)
			}
			t.Logf("SQLSTATE %q", state)
		})
	}
	if n := db.Traps(); n != 0 {
		t.Errorf("%d traps", n)
	}
}

func TestMemoryCeiling(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{MaxMemory: 400 << 20})
	conn := enginetest.Connect(t, db)
	_, err := conn.Exec(context.Background(), "select length(repeat('x', 250 * 1024 * 1024) || repeat('y', 250 * 1024 * 1024))")
	if sqlState(err) != "53200" {
		t.Errorf("got %v, want out_of_memory", err)
	}
	if n := enginetest.Get[int](t, conn, "select 1"); n != 1 || db.Traps() != 0 {
		t.Error("the session did not survive")
	}
}

func TestYear2040(t *testing.T) {
	t.Parallel()
	offset := time.Until(time.Date(2040, 6, 1, 0, 0, 0, 0, time.UTC))
	now := func() time.Time { return time.Now().Add(offset) }
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{Now: now}))
	for _, sql := range []string{"select now()", "select clock_timestamp()", "select backend_start from pg_stat_activity where pid = pg_backend_pid()", "select pg_postmaster_start_time()"} {
		if at := enginetest.Get[time.Time](t, conn, sql); at.Sub(now()).Abs() > time.Minute {
			t.Errorf("%s: %v, want about %v", sql, at, now())
		}
	}
}

func TestFloatSelect(t *testing.T) {
	t.Parallel()
	// wazero 1.12.0 miscompiles float select; this plan was seen to become a Memoize when it does.
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{}))
	var plan []string
	rows, err := conn.Query(context.Background(), "explain select * from (values (0),(100)) v(x), lateral (select count(*) from pg_class tablesample bernoulli (x)) s")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, line)
	}
	if text := strings.Join(plan, "\n"); len(plan) == 0 || strings.Contains(text, "Memoize") {
		t.Errorf("wrong plan:\n%s", text)
	}
}

func TestOwnerLock(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	enginetest.Open(t, engine.Config{DataDir: dir})
	_, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t), NoAttach: true})
	var locked *engine.LockedError
	if !errors.Is(err, engine.ErrLocked) || !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("got %v, want a LockedError with our pid", err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	other := enginetest.DataDir(t)
	if err := os.WriteFile(other+"/PG_VERSION", []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		dir  string
		want func(error) bool
	}{
		"not a cluster": {empty, func(err error) bool { return errors.Is(err, engine.ErrNotCluster) }},
		"other major":   {other, func(err error) bool { var v *engine.VersionError; return errors.As(err, &v) && v.Have == "12" }},
		"missing":       {empty + "/nothing", func(err error) bool { return err != nil && strings.Contains(err.Error(), "does not exist") }},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := engine.Open(context.Background(), engine.Config{DataDir: c.dir, Runtime: enginetest.Runtime(t)})
			if err == nil {
				db.Close()
			}
			if !c.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}
