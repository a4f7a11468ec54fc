package dump

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestCutDump: a dump that ends too early is no dump: it is told, and in one transaction nothing of it stays.
func TestCutDump(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "CREATE TABLE numbers AS SELECT i, repeat('x', 100) t FROM generate_series(1, 5000) i")
	var out bytes.Buffer
	if code, err := (Dump{Env: []string{"PGUSER=postgres", "PGDATABASE=postgres"}, Stdout: &out}).Run(t.Context(), db); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	enginetest.Exec(t, conn, "DROP TABLE numbers")
	sql := out.String()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, sql); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const (
		nothing = "SELECT to_regclass('numbers') IS NULL"
		all     = "SELECT count(*) = 5000 FROM numbers"
	)
	roles := "--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE postgres;\n\n--\n-- PostgreSQL database cluster dump complete\n--\n\n"
	end := strings.LastIndex(sql, "-- PostgreSQL database dump complete")
	for name, test := range map[string]struct {
		content   string
		single, c bool
		want      error
		then      string
	}{
		"in the data":         {sql[:len(sql)/2], true, false, ErrCut, nothing},
		"in a statement":      {sql[:strings.Index(sql, "CREATE TABLE")+8], true, false, ErrCut, nothing},
		"after the data":      {sql[:end-3], true, false, ErrCut, nothing},
		"packed":              {packed.String()[:packed.Len()/2], true, false, io.ErrUnexpectedEOF, nothing},
		"damaged":             {packed.String()[:packed.Len()-6] + "123456", true, false, gzip.ErrChecksum, nothing},
		"all the same":        {sql[:end-3], true, true, ErrCut, all},
		"whole":               {sql, true, false, nil, all},
		"whole, packed":       {packed.String(), false, false, nil, all},
		"not of pg_dump":      {"CREATE TABLE numbers AS SELECT generate_series(1, 5000) i", true, false, nil, all},
		"whole, twice":        {sql + "DROP TABLE public.numbers;\n" + sql, false, false, nil, all},
		"whole, and more":     {sql + strings.Repeat("INSERT INTO public.numbers (i) VALUES (1);\nDELETE FROM public.numbers WHERE t IS NULL;\n", 20), true, false, nil, all},
		"roles, and it":       {roles + sql, true, false, nil, all},
		"twice, one cut":      {"\ufeff" + sql + "DROP TABLE public.numbers;\n" + sql[:end-3], true, false, ErrCut, nothing},
		"no last line break":  {strings.ReplaceAll(sql[:end+len("-- PostgreSQL database dump complete")], "\n", "\r\n"), true, false, nil, all},
		"the beginning alone": {"--\n-- PostgreSQL database dump\n", false, false, ErrCut, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Exec(t, conn, "DROP TABLE IF EXISTS numbers")
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			r := Restore{File: file, Database: "postgres", User: "postgres", Single: test.single, Continue: test.c, Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
			code, err := r.Run(t.Context(), db)
			if advice := "dump it again"; err != nil && strings.Contains(err.Error(), advice) == test.c {
				t.Errorf("what to do: %v", err)
			}
			if !errors.Is(err, test.want) || test.want == nil && (err != nil || code != 0) {
				t.Errorf("exit code %d, %v: %s", code, err, &stderr)
			}
			alone(t, conn)
			if !enginetest.Get[bool](t, conn, test.then) {
				t.Errorf("afterwards not %s", test.then)
			}
		})
	}
	if _, err := (Restore{File: "-", Stdin: strings.NewReader(""), Database: "postgres"}).Run(context.Background(), db); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("nothing: %v", err)
	}
}

// alone waits until conn is the only session: that of a program that was killed ends by itself.
func alone(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for !enginetest.Get[bool](t, conn, "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'") {
		time.Sleep(time.Millisecond)
	}
}

// late is a connection that is lost while psql waits for what comes next.
type late struct {
	sql  io.Reader
	wait func()
}

// Read implements io.Reader.
func (l *late) Read(b []byte) (int, error) {
	n, err := l.sql.Read(b)
	if err != nil {
		l.wait()
	}
	return n, err
}

// TestCutLate: when psql waits in its transaction for the rest of a dump that never comes, it does not commit.
func TestCutLate(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	const (
		waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'idle in transaction')"
		times = 10 // the race was lost in 29 of 30 runs
	)
	sql := "--\n-- PostgreSQL database dump\n--\n" + strings.Repeat("-- it is longer than what tells its kind\n", 20) + "CREATE TABLE late ();\n"
	for range times {
		watcher := enginetest.Connect(t, db)
		in := &late{strings.NewReader(sql), func() {
			for !enginetest.Get[bool](t, watcher, waits) {
				time.Sleep(time.Millisecond)
			}
		}}
		var stderr bytes.Buffer
		r := Restore{File: "-", Stdin: in, Database: "postgres", Single: true, Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
		if code, err := r.Run(t.Context(), db); !errors.Is(err, ErrCut) {
			t.Errorf("exit code %d, %v: %s", code, err, &stderr)
		}
		_ = watcher.Close(t.Context())
		alone(t, conn)
		if !enginetest.Get[bool](t, conn, "SELECT to_regclass('late') IS NULL") {
			t.Fatal("half a dump is committed")
		}
	}
}
