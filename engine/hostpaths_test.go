package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestHostPaths: the server calls its directory what the host calls it, in parameters, messages and configuration
// files.
func TestHostPaths(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: paths of Windows are none of the guest's")
	}
	dir := enginetest.DataDir(t)
	hba := filepath.Join(dir, "own_hba.conf")
	if err := os.WriteFile(hba, []byte("local all all trust\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	conf, err := os.OpenFile(filepath.Join(dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conf, "data_directory = '%s'\nhba_file = '%s'\ninclude_if_exists '%s/more.conf'\n", dir, hba, dir)
	if err := conf.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "more.conf"), []byte("work_mem = '5MB'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: dir}))
	for name, want := range map[string]string{
		"data_directory": dir, "hba_file": hba, "config_file": filepath.Join(dir, "postgresql.conf"), "work_mem": "5MB",
	} {
		if got := enginetest.Get[string](t, conn, "select current_setting($1)", name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got := enginetest.Get[string](t, conn, "select pg_read_file($1)", hba); got != "local all all trust\n" {
		t.Errorf("read by its name on the host: %q", got)
	}
}

// TestFailedStartNamesHostPath: what a person is told to mend is where that person finds it.
func TestFailedStartNamesHostPath(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	if err := os.WriteFile(filepath.Join(dir, "postgresql.auto.conf"), []byte("max_connections = -1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
	var start *engine.ServerError
	if !errors.As(err, &start) || runtime.GOOS != "windows" && !strings.Contains(start.Log, filepath.Join(dir, "postgresql.auto.conf")) {
		t.Errorf("got %v", err)
	}
}

// TestNothingIsLostInGuestMemory: the server cannot write where nobody would find it, and says what can be done.
func TestNothingIsLostInGuestMemory(t *testing.T) {
	t.Parallel()
	shown := t.TempDir()
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{Mounts: []engine.Mount{{Host: shown, Guest: "/tmp/shown"}}}))
	for _, sql := range []string{
		"copy (select 1) to '/tmp/x.csv'", "copy (select 1) to '/x.csv'", "copy (select 1) to '/home/joe/x.csv'",
		"select lo_export(lo_from_bytea(0, 'x'), '/tmp/x')",
	} {
		_, err := conn.Exec(context.Background(), sql)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if strings.HasPrefix(sql, "copy") && (!strings.Contains(refused.Hint, `\copy`) || !strings.Contains(refused.Hint, "--mount")) {
			t.Errorf("%s: %v, hint %q", sql, refused, refused.Hint)
		}
	}
	enginetest.Exec(t, conn, "copy (select 'kept') to '/tmp/shown/x.csv'")
	if b, err := os.ReadFile(filepath.Join(shown, "x.csv")); err != nil || string(b) != "kept\n" {
		t.Errorf("through a mount below /tmp: %q, %v", b, err)
	}
}

// TestMountsOverTheServersOwn: what the server needs cannot be covered.
func TestMountsOverTheServersOwn(t *testing.T) {
	t.Parallel()
	dir, host := enginetest.DataDir(t), t.TempDir()
	for _, at := range []string{"/", "/tmp", "/tmp/.s.PGSQL.5432", "/pg", "/pg/share", "/pgdata/x", "/dev", filepath.ToSlash(dir)} {
		db, err := engine.Open(context.Background(), engine.Config{
			DataDir: dir, Runtime: enginetest.Runtime(t), Mounts: []engine.Mount{{Host: host, Guest: at}},
		})
		if err == nil {
			_ = db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "mount ") {
			t.Errorf("mount at %s: %v", at, err)
		}
	}
}

// TestPort: the server knows the number that its clients use, and programs beside it find its socket.
func TestPort(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{Port: 5511})
	conn := enginetest.Connect(t, db)
	if got := enginetest.Get[string](t, conn, "show port"); got != "5511" {
		t.Errorf("port = %s", got)
	}
	var out bytes.Buffer
	psql := engine.Tool{Name: "psql", Args: []string{"-XAtc", "show port"}, Stdout: &out, Stderr: &out}
	code, err := db.RunTool(t.Context(), psql)
	if code != 0 || err != nil || out.String() != "5511\n" {
		t.Errorf("psql beside the server: %d, %v, %q", code, err, out.String())
	}
}
