package dump

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

func TestOptionValue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, value string }{
		{"-f out db", "out"},
		{"-fout", "out"},
		{"-Fcfout", ""},
		{"--file=a b", "a"},
		{"--file x", "x"},
		{"-sf x", "x"},
		{"-t -f db", ""},
		{"-f a -f b", "b"},
		{"-- -f a", ""},
		{"-sxf x", "x"},
		{"-vsFc -f y", "y"},
		{"--format c", ""},
		{"--format c -f x", "x"},
		{"--filter=x", ""},
		{"--fil=x", ""}, // which pg_dump refuses
		{"-f", ""},
		{"- -f x", "x"},
		{"-f x --filet", "x"},
	} {
		_, _, value := fileOption.in(strings.Fields(test.args), valuesOfDump)
		if value != test.value {
			t.Errorf("%q: file %q, want %q", test.args, value, test.value)
		}
	}
}

// TestRestoreOptions: options of pg_restore, also joined and shortened.
func TestRestoreOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args    string
		data    bool
		without string
	}{
		{"--data-only", true, "--data-only"},
		{"-vaf out -x", true, "-va -x"},
		{"-fa", false, ""},
		{"-f -a -x", false, "-x"},
		{"--file=out --dat", true, "--dat"},
		{"--file out -f x -s", false, "-s"},
		{"-ta --schema=a", false, "-ta --schema=a"},
		{"-t a -fx -- -a", false, "-t a -- -a"},
		{"--no-schema", false, "--no-schema"},
	} {
		args := strings.Fields(test.args)
		if got := dataOnlyOption.given(args, valuesOfRestore); got != test.data {
			t.Errorf("%q: data only %v", test.args, got)
		}
		if got := strings.Join(fileOption.without(args, valuesOfRestore), " "); got != test.without {
			t.Errorf("%q: without the file %q, want %q", test.args, got, test.without)
		}
	}
}

func TestFormatOption(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{"-Fd": "d", "-sFD x": "D", "--format=c": "c", "--form d": "d", "--fo=t": "t", "--f=d": "", "-f Fd": "", "-tFd": "", "--for": ""} {
		if _, _, value := formatOption.in(strings.Fields(args), valuesOfDump); value != want {
			t.Errorf("%q: format %q, want %q", args, value, want)
		}
	}
}

// failing is a Runner that writes half a dump.
type failing struct {
	code int
	err  error
	saw  []string
}

func (f *failing) RunTool(_ context.Context, t engine.Tool) (int, error) {
	f.saw = t.Args
	letters := valuesOfDump
	if t.Name == "pg_dumpall" {
		letters = valuesOfDumpall
	}
	_, _, name := fileOption.in(t.Args, letters)
	if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
		return 0, err
	}
	return f.code, f.err
}

func TestPartialFileIsRemoved(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*failing{"exit code": {code: 1}, "interrupted": {err: context.Canceled}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out.sql")
			if err := os.WriteFile(out, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, d := range []Dump{{Args: []string{"-f", "out.sql"}, Dir: dir}, {All: true, Args: []string{"-t", "-f", "out.sql"}, Dir: dir}} {
				if code, err := d.Run(t.Context(), r); code == 0 && err == nil {
					t.Fatal("no failure")
				}
			}
			if b, _ := os.ReadFile(out); string(b) != "old" {
				t.Errorf("the old dump is now %q", b)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

// TestNothingElseIsReplaced: a dump that is a directory does not take the place of a file, nor one that is a file that
// of a directory: pg_dump says so before it works for nothing.
func TestNothingElseIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"empty", "full/x"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for args, replaced := range map[string]bool{
		"-Fd -f file": false, "--format=directory -f file": false, "-f file": true, "-Fc -f file": true, "-Fc -f empty": false, "-Fd -f empty": true, "-Fd -f full": false, "-f full": false, "-Fd -f new": true,
		"-FD -f empty": true, "-FD -f file": false, "--form=DIRECTORY -f empty": true, "-Fa -f file": false, "-Fappend -f file": false, "-FC -f file": true,
	} {
		if _, target, err := redirected(strings.Fields(args), dir, false); err != nil || (target != nil) != replaced {
			t.Errorf("%s: %v, %v", args, target, err)
		}
	}
}

func TestNotBundled(t *testing.T) {
	t.Parallel()
	if _, err := Run(t.Context(), nil, []string{"PGLITE_RUNTIME=" + t.TempDir()}); !errors.Is(err, ErrNotBundled) {
		t.Errorf("error %v, want ErrNotBundled", err)
	}
}

// TestRun dumps by environment variables alone.
func TestRun(t *testing.T) {
	t.Parallel()
	env := []string{"PGDATA=" + enginetest.DataDir(t), "PGLITE_RUNTIME=" + enginetest.Runtime(t), "PGDATABASE=postgres", "PGUSER=postgres"}
	out, err := Run(t.Context(), []string{"--schema-only"}, env)
	if err != nil || !bytes.Contains(out, []byte("PostgreSQL database dump complete")) {
		t.Fatalf("%v: %s", err, out)
	}
	var exit *ExitError
	if _, err = Run(t.Context(), []string{"--nonsense"}, env); !errors.As(err, &exit) || exit.Code != 1 || !strings.Contains(exit.Stderr, "nonsense") {
		t.Errorf("error %v, want an *ExitError", err)
	}
}

// TestFormats writes every format to the host.
func TestFormats(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	enginetest.Exec(t, enginetest.Connect(t, db), "CREATE TABLE numbers AS SELECT generate_series(1, 1000) n")
	for format, want := range map[string]string{"p": "COPY public.numbers", "c": "PGDMP", "t": "toc.dat", "d": ""} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			var stderr bytes.Buffer
			d := Dump{Args: []string{"-F" + format, "-f", "out", "postgres"}, Env: []string{"PGUSER=postgres"}, Dir: dir, Stderr: &stderr}
			if code, err := d.Run(t.Context(), db); code != 0 || err != nil {
				t.Fatalf("exit code %d, %v: %s", code, err, &stderr)
			}
			file := filepath.Join(dir, "out")
			if format == "d" {
				file, want = filepath.Join(file, "toc.dat"), "PGDMP"
			}
			if b, err := os.ReadFile(file); err != nil || !bytes.Contains(b, []byte(want)) {
				t.Errorf("%v: no %q in the dump", err, want)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("left beside: %v", entries)
			}
		})
	}
	var out bytes.Buffer
	if code, err := (Dump{All: true, Env: []string{"PGUSER=postgres"}, Stdout: &out}).Run(t.Context(), db); code != 0 || err != nil {
		t.Fatalf("pg_dumpall: exit code %d, %v", code, err)
	}
	for _, want := range []string{"CREATE ROLE postgres", `\connect postgres`, "COPY public.numbers"} {
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("pg_dumpall: no %q", want)
		}
	}
}

// TestInterrupted cancels a dump that waits for a lock.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "CREATE TABLE locked ()")
	enginetest.Exec(t, conn, "BEGIN")
	enginetest.Exec(t, conn, "LOCK TABLE locked")
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	ended := make(chan error, 1)
	go func() {
		_, err := Dump{Args: []string{"-Fc", "-f", "out"}, Env: []string{"PGUSER=postgres", "PGDATABASE=postgres"}, Dir: dir}.Run(ctx, db)
		ended <- err
	}()
	watcher := enginetest.Connect(t, db)
	for !enginetest.Get[bool](t, watcher, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)") {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
	for enginetest.Get[bool](t, watcher, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)") {
		time.Sleep(10 * time.Millisecond) // the session has to end, too
	}
}

// TestAttached dumps a cluster that another opener owns.
func TestAttached(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	enginetest.Exec(t, enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: dir})), "CREATE TABLE mine ()")
	visitor := enginetest.Open(t, engine.Config{DataDir: dir})
	if !visitor.Attached() {
		t.Fatal("not attached")
	}
	var out bytes.Buffer
	code, err := Dump{Env: []string{"PGUSER=postgres", "PGDATABASE=postgres"}, Stdout: &out}.Run(t.Context(), visitor)
	if code != 0 || err != nil || !strings.Contains(out.String(), "CREATE TABLE public.mine") {
		t.Errorf("exit code %d, %v: %s", code, err, &out)
	}
}
