//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogFile: -L keeps queries, those of backslash commands too, and results, and adds to an older file.
func TestLogFile(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	name := filepath.Join(t.TempDir(), "log")
	for range 2 {
		got := runInput(b, "repl", "SELECT 1 AS a;\n\\dn\nSELECT 1/0;\n", "-X", "-L", name)
		if !strings.Contains(got.stdout, "pg_database_owner") || got.code != exitOK {
			t.Fatalf("%+v", got)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const query = "/******** QUERY *********/\nSELECT 1 AS a;\n/************************/\n\n a \n---\n 1\n(1 row)\n\n"
	for part, want := range map[string]int{query: 2, "FROM pg_catalog.pg_namespace": 2, "List of schemas": 2, "SELECT 1/0;\n/***": 2} {
		if got := strings.Count(string(text), part); got != want {
			t.Errorf("%q is there %d times in\n%s", part, got, text)
		}
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o600 {
		t.Errorf("the log's mode is %o", info.Mode().Perm())
	}
}

// TestTerminalNoReadline: with -n the terminal edits lines itself, and Ctrl-C forgets the statement.
func TestTerminalNoReadline(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir(), "-n") // whose prompts are waited for without their spaces: the terminal is not told of pastes
	s.wait("postgres=#")
	s.typed("SELECT 'no', \r")
	s.wait("postgres-#")
	s.typed("half a li\x03")
	s.wait("postgres=#")
	s.typed("SELECT 'pla' || 'in' AS x;\r")
	s.wait(" plain\r\n(1 row)")
	s.wait("postgres=#")
	s.typed("SELECT 'run' || 'ning' AS x; SELECT pg_sleep(1000);\r")
	s.wait(" running\r\n(1 row)")
	s.typed("\x03")
	s.wait("canceling statement due to user request")
	s.wait("postgres=#")
	s.typed("\\prompt 'name? ' v\r")
	s.wait("name?")
	s.typed("someone\r")
	s.wait("postgres=#")
	s.typed("\\echo got:v\r")
	s.typed("\\echo got :v\r")
	s.wait("got someone\r\n")
	s.typed("\x04")
	s.left(exitOK)
}

// TestUnusedPGDATA: PGDATA names a cluster of another program, which is said when the default cluster is made.
func TestUnusedPGDATA(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	p := place{}.with("PGDATA=/elsewhere", "XDG_DATA_HOME="+t.TempDir(), "PGLITE_DATA=")
	if _, _, stderr := p.pglite(t, "exec", "SELECT 1"); !strings.Contains(stderr, "making the default cluster in ") || !strings.Contains(stderr, "PGDATA is not used") {
		t.Errorf("got %s", stderr)
	}
	if _, _, stderr := p.pglite(t, "exec", "SELECT 1"); stderr != "" {
		t.Errorf("said again: %s", stderr)
	}
}

// TestVersionFlag: -V is psql's.
func TestVersionFlag(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-V"}, {"exec", "-V"}, {"repl", "-V"}} {
		if code, stdout, _ := pglite(t, args...); code != exitOK || !strings.HasPrefix(stdout, "pglite ") {
			t.Errorf("%q: %d %s", args, code, stdout)
		}
	}
}
