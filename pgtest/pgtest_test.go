package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/lib/pq"

	"github.com/pglite-toolbox/pglite/assets"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// patience is for what has to happen.
const patience = 5 * time.Minute

// needRuntime skips a test when no runtime is built in.
func needRuntime(t testing.TB) {
	t.Helper()
	archive, ok := assets.Open()
	if !ok {
		t.Skip("SKIPPED: no runtime is embedded: make runtime")
	}
	_ = archive.Close()
}

// query returns the one value of a query by a driver that connects by itself.
func query(t testing.TB, db *DB, text string) (got string) {
	t.Helper()
	pool, err := sql.Open("postgres", db.URI())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.QueryRow(text).Scan(&got); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got
}

// TestNew: each test has the schema, and sees nothing of the others.
func TestNew(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	files := fstest.MapFS{
		"2/b.sql":   {Data: []byte("INSERT INTO t VALUES (1), (2)")},
		"1.sql":     {Data: []byte("CREATE TABLE t (a int); CREATE VIEW v AS TABLE t;")},
		"README.md": {Data: []byte("no SQL")},
	}
	databases := 200
	if testing.Short() {
		databases = 20
	}
	var names sync.Map
	for i := range databases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := New(t, Schema(files))
			if _, again := names.LoadOrStore(db.Name(), true); again {
				t.Errorf("database %s is that of another test", db.Name())
			}
			db.Exec(fmt.Sprintf("INSERT INTO t VALUES (%d)", 1000+i))
			if got, want := query(t, db, "SELECT string_agg(a::text, ' ' ORDER BY a) FROM v"), fmt.Sprintf("1 2 %d", 1000+i); got != want {
				t.Errorf("rows %s, want %s", got, want)
			}
		})
	}
}

// TestSetupOnce: what sets databases up runs once for a content, however many tests ask at the same time.
func TestSetupOnce(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	var runs atomic.Int32
	setup := func(key string) Option {
		return Setup(key, func(ctx context.Context, uri string) error {
			runs.Add(1)
			conn, err := pgconn.Connect(ctx, uri)
			if err != nil {
				return err
			}
			_, err = conn.Exec(ctx, "CREATE TABLE made_by_"+key+" (a int)").ReadAll()
			return err // its session stays open: the template is copied all the same
		})
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { New(t, setup("first")).Exec("TABLE made_by_first") })
	}
	group.Wait()
	New(t, setup("second")).Exec("TABLE made_by_second")
	if n := runs.Load(); n != 2 {
		t.Errorf("the two setups ran %d times", n)
	}
}

// TestDial speaks to the database without a URI.
func TestDial(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	db := New(t)
	conn, err := db.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("\x00\x00\x00\x08\x04\xd2\x16\x2f")); err != nil { // SSLRequest
		t.Fatal(err)
	}
	answer := make([]byte, 1)
	if _, err := conn.Read(answer); err != nil || answer[0] != 'N' {
		t.Errorf("%q, %v", answer, err)
	}
}

// fake is a test that fails, or ends, without ending the test that looks at it.
type fake struct {
	testing.TB
	failed  bool
	text    strings.Builder
	cleanup []func()
}

func (f *fake) Helper()          {}
func (f *fake) Failed() bool     { return f.failed }
func (f *fake) Cleanup(c func()) { f.cleanup = append(f.cleanup, c) }

func (f *fake) Logf(format string, args ...any) { fmt.Fprintf(&f.text, format+"\n", args...) }

func (f *fake) Fatalf(format string, args ...any) {
	f.Logf(format, args...)
	f.failed = true
	runtime.Goexit()
}

// do runs a test to its end.
func (f *fake) do(test func()) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, c := range f.cleanup {
				c()
			}
		}()
		test()
	}()
	<-done
	return f.text.String()
}

// TestFailure: a test that fails shows what the server said about its database, and nothing of others.
func TestFailure(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	other := New(t)
	f := &fake{TB: t}
	text := f.do(func() {
		db := New(f)
		if err := other.server.exec(t.Context(), other.Name(), "SELECT 'mine' AS nothing, nosuch"); err == nil {
			t.Error("a wrong statement works")
		}
		db.Exec("SELECT 1;\nSELECT nosuch_column")
	})
	for _, want := range []string{`ERROR:  column "nosuch_column" does not exist`, "STATEMENT:  SELECT 1;\n\tSELECT nosuch_column", "pgtest: SELECT 1;"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "mine") {
		t.Errorf("it shows the log of another database:\n%s", text)
	}
}

// TestSetupErrors: a setup that fails says which part of it, each time, and leaves no template.
func TestSetupErrors(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	for name, c := range map[string]struct {
		option Option
		want   string
	}{
		"SQL":      {Schema(fstest.MapFS{"a.sql": {Data: []byte("SELECT 1")}, "b/wrong.sql": {Data: []byte("CREATE nonsense")}}), "set up by b/wrong.sql: ERROR: syntax error"},
		"function": {Setup("mine", func(context.Context, string) error { return errors.New("no luck") }), "set up by mine: no luck"},
		"no files": {Schema(fstest.MapFS{"a.txt": {}}), "there is no .sql file"},
	} {
		for range 2 {
			f := &fake{TB: t}
			if text := f.do(func() { New(f, c.option) }); !strings.Contains(text, c.want) {
				t.Errorf("%s: %q does not say %q", name, text, c.want)
			}
		}
	}
}

// TestDropped: databases go when their tests have ended.
func TestDropped(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	f := &fake{TB: t}
	var db *DB
	if text := f.do(func() { db = New(f, SQL("CREATE TABLE t ()")) }); text != "" {
		t.Fatal(text)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		err := db.server.exec(t.Context(), db.Name(), "TABLE t")
		var server *pgconn.PgError
		if errors.As(err, &server) && server.Code == "3D000" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("database %s is there: %v", db.Name(), err)
		}
	}
}

// helperVariable makes TestHelper do something; it is the other process of the tests below.
const helperVariable = "PGTEST_HELPER"

// TestHelper is no test of this process.
func TestHelper(t *testing.T) { //nolint:paralleltest // another process
	mode := os.Getenv(helperVariable)
	if mode == "" {
		t.Skip("for TestKeep and TestSharedServer")
	}
	db := New(t, Setup("shared", func(ctx context.Context, uri string) error {
		conn, err := pgconn.Connect(ctx, uri)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "CREATE TABLE t AS SELECT 42 AS a").ReadAll()
		fmt.Println("SET UP")
		return err
	}))
	fmt.Println("ANSWER", query(t, db, "SELECT a FROM t"))
	if mode == "fail" {
		db.Exec("INSERT INTO t VALUES (43)") // what the test itself did is kept, too
		t.Fail()
	}
}

// helper runs TestHelper in a process of its own.
func helper(t *testing.T, mode string, env ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestHelper$", "-test.v")
	c.Env = append(append(os.Environ(), helperVariable+"="+mode), env...)
	out, err := c.CombinedOutput()
	if (err != nil) != (mode == "fail") {
		t.Errorf("%s: %v\n%s", mode, err, out)
	}
	return string(out)
}

// TestSharedServer: several processes use one server and one template.
func TestSharedServer(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	db := New(t) // any server will do
	uri, err := db.server.uri("postgres")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	outputs := make([]string, 4)
	for i := range outputs {
		group.Go(func() { outputs[i] = helper(t, "pass", ServerVariable+"="+uri, KeepVariable+"=") })
	}
	group.Wait()
	all := strings.Join(outputs, "")
	if made, answers := strings.Count(all, "SET UP"), strings.Count(all, "ANSWER 42"); made != 1 || answers != len(outputs) {
		t.Errorf("set up %d times, %d answers:\n%s", made, answers, all)
	}
}

// TestKeep: the database of a failed test can be opened when its process has ended.
func TestKeep(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	out := helper(t, "fail", KeepVariable+"=yes", ServerVariable+"=", "TMPDIR="+t.TempDir())
	var dir, name string
	_, rest, found := strings.Cut(out, "pglite -D ")
	if n, err := fmt.Sscanf(rest, "%s -d %s repl", &dir, &name); !found || n != 2 || err != nil || !filepath.IsAbs(dir) {
		t.Fatalf("it does not say how to open the database:\n%s", out)
	}
	server, err := engine.Open(t.Context(), engine.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := pgconn.ConnectConfig(t.Context(), pgclient.Own(server.Dial, pgclient.Login{User: "postgres", Database: name}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if got, err := value(t.Context(), conn, "SELECT string_agg(a::text, ',' ORDER BY a) FROM t"); err != nil || got != "42,43" {
		t.Errorf("%q, %v", got, err)
	}
}
