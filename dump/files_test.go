package dump

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestAbsoluteFiles: names of files in options are those of Dir, in each form that getopt_long takes.
func TestAbsoluteFiles(t *testing.T) {
	t.Parallel()
	r := Restore{Dir: t.TempDir()}
	at := filepath.Join(r.Dir, "x")
	for _, test := range []struct{ args, want []string }{
		{[]string{"--use-list=x"}, []string{"--use-list=" + at}},
		{[]string{"--use-l", "x", "-v"}, []string{"--use-l", at, "-v"}},
		{[]string{"-Lx"}, []string{"-L", at}},
		{[]string{"-vLx"}, []string{"-vL", at}},
		{[]string{"-L", "x"}, []string{"-L", at}},
		{[]string{"-f", "x", "--file=x", "--filter=x"}, []string{"-f", at, "--file=" + at, "--filter=" + at}},
		{[]string{"-f-", "--filter=-", "-L" + at}, []string{"-f", "-", "--filter=-", "-L", at}},
		{[]string{"-t", "-L", "-n", "x"}, []string{"-t", "-L", "-n", "x"}}, // -L is a table here
		{[]string{"--username=x", "--", "-Lx"}, []string{"--username=x", "--", "-Lx"}},
	} {
		if got := r.absoluteFiles(test.args); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.args, got, test.want)
		}
	}
}

// TestRestoreList: a table of contents beside the working directory chooses what is restored.
func TestRestoreList(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "CREATE TABLE wanted (i int); CREATE TABLE other (i int)")
	dir, lists := t.TempDir(), t.TempDir()
	relative, err := filepath.Rel(dir, lists)
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"PGUSER=postgres", "PGDATABASE=postgres"}
	if code, err := (Dump{Args: []string{"-Fc", "-f", "archive"}, Dir: dir, Env: env}).Run(t.Context(), db); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	var toc bytes.Buffer
	list := Restore{File: "archive", Dir: dir, Args: []string{"--list"}, Env: env, Stdout: &toc}
	if code, err := list.Run(t.Context(), db); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	var chosen []string
	for line := range strings.Lines(toc.String()) {
		if strings.Contains(line, " wanted ") {
			chosen = append(chosen, line)
		}
	}
	if err := os.WriteFile(filepath.Join(lists, "list"), []byte(strings.Join(chosen, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-L", filepath.Join(relative, "list")}, {"-vL" + filepath.Join(relative, "list")}} {
		enginetest.Exec(t, conn, "DROP TABLE IF EXISTS wanted, other")
		r := Restore{File: "archive", Dir: dir, Database: "postgres", Args: args, Env: env}
		if code, err := r.Run(t.Context(), db); code != 0 || err != nil {
			t.Fatal(args, code, err)
		}
		if got := enginetest.Get[string](t, conn, "SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"); got != "wanted" {
			t.Errorf("%q: restored %q", args, got)
		}
	}
}
