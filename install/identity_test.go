package install

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/filetest"
)

// controlData returns what pg_controldata says of a cluster, by label.
func controlData(t *testing.T, runtime, dir string) map[string]string {
	t.Helper()
	var out bytes.Buffer
	code, err := engine.RunTool(t.Context(), engine.Config{DataDir: dir, Runtime: runtime}, engine.Tool{
		ReadOnly: true,
		Name:     "pg_controldata", Args: []string{"/pgdata"}, Stdout: &out, Stderr: &out,
	})
	if err != nil || code != 0 {
		t.Fatalf("pg_controldata: exit code %d, %v\n%s", code, err, out.String())
	}
	return labels(out.String())
}

func labels(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if label, value, ok := strings.Cut(line, ":"); ok {
			values[label] = strings.TrimSpace(value)
		}
	}
	return values
}

// TestCopyHasOwnIdentity makes two copies of the template: PostgreSQL's own programs find them whole and different.
func TestCopyHasOwnIdentity(t *testing.T) {
	t.Parallel()
	runtime := testRuntime(t)
	template := filepath.Join(runtime, engine.TemplateDir)
	const label, nonce = "Database system identifier", "Mock authentication nonce"
	seen := map[string]bool{}
	for range 2 {
		dir := filepath.Join(t.TempDir(), "data")
		mount, err := InitIn(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if mount.Reused {
			t.Error("a new cluster is said to be an old one")
		}
		filetest.WantPrivate(t, dir)
		values := controlData(t, runtime, dir)
		if changed := values["pg_control last modified"]; !strings.Contains(changed, fmt.Sprint(time.Now().UTC().Year())) {
			t.Errorf("pg_control was last modified %q", changed)
		}
		seen[values[label]], seen[values[nonce]] = true, true
		if got := fmt.Sprint(Describe(mount.Paths).SystemIdentifier); got != values[label] {
			t.Errorf("Describe has the identifier %s, pg_controldata %s", got, values[label])
		}
		wantSameCatalog(t, template, dir)
		wantReadableWAL(t, runtime, dir, values)
	}
	values := controlData(t, runtime, template)
	seen[values[label]], seen[values[nonce]] = true, true
	if len(seen) != 6 {
		t.Errorf("identifiers and nonces of two copies and the template are not all different: %v", seen)
	}
}

// wantSameCatalog compares the relations with the template's.
func wantSameCatalog(t *testing.T, template, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(template, "base", "*", "*"))
	if err != nil || len(names) < 500 {
		t.Fatalf("the template has %d relations, %v", len(names), err)
	}
	for _, name := range names {
		rel, _ := filepath.Rel(template, name)
		want, err1 := os.ReadFile(name)
		got, err2 := os.ReadFile(filepath.Join(dir, rel))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from the template's", rel)
		}
	}
}

// wantReadableWAL lets pg_waldump read the segment, which checks its page headers.
func wantReadableWAL(t *testing.T, runtime, dir string, control map[string]string) {
	t.Helper()
	var out bytes.Buffer
	code, err := engine.RunTool(t.Context(), engine.Config{DataDir: dir, Runtime: runtime}, engine.Tool{
		ReadOnly: true,
		Name:     "pg_waldump", Stdout: &out, Stderr: &out,
		Args: []string{"--path=/pgdata/pg_wal", "--start=" + control["Latest checkpoint location"], "--limit=1"},
	})
	if err != nil || code != 0 || !strings.Contains(out.String(), "CHECKPOINT_SHUTDOWN") {
		t.Errorf("pg_waldump: exit code %d, %v\n%s", code, err, out.String())
	}
}

// TestServerAcceptsCopy starts the server on a copy: it compares the identifier of pg_control with the WAL's.
func TestServerAcceptsCopy(t *testing.T) {
	t.Parallel()
	runtime := testRuntime(t)
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := InitIn(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	db, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: runtime, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	if pid, _, ok := engine.Owner(dir); !ok || pid != os.Getpid() {
		t.Errorf("owner %d %v, want this process, %d", pid, ok, os.Getpid())
	}
	_, socket, _ := engine.Owner(dir)
	if running, err := InitIn(t.Context(), dir); err != nil || !running.Reused || running.Socket != socket {
		t.Errorf("found while it runs: %+v, %v; want the socket %q", running, err, socket)
	}
	if _, err := os.Stat(filepath.Join(dir, ownerLock)); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, trouble := range []string{"ERROR", "FATAL", "PANIC", "not properly shut down", "identifier"} {
		if strings.Contains(log.String(), trouble) {
			t.Errorf("the log has %s:\n%s", trouble, log.String())
		}
	}
	if pid, _, ok := engine.Owner(dir); ok {
		t.Errorf("a closed cluster is owned by %d", pid)
	}
}
