package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

func TestShowFiles(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	file := filepath.Join(other, "x.sql")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"none":     {[]string{"-c", "SELECT 'a/../../b'", "/* no file */"}, []string{dir}},
		"absolute": {[]string{"-f", file}, []string{dir, other}},
		"joined":   {[]string{"--file=" + file}, []string{dir, other}},
		"short":    {[]string{"-f" + file}, []string{dir, other}},
		"new":      {[]string{filepath.Join(other, "new")}, []string{dir, other}},
		"device":   {[]string{"/dev/null"}, []string{dir}},
		"inside":   {[]string{filepath.Join(dir, "y"), "y"}, []string{dir}},
		"link":     {[]string{"link"}, []string{dir, other}},
		"above":    {[]string{"../y"}, []string{dir, filepath.Dir(dir)}},
	} {
		t.Run(name, func(t *testing.T) {
			tool := engine.Tool{Args: test.args}
			if err := tool.ShowFiles(dir); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range tool.Mounts {
				got = append(got, m.Host)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("shows %q, want %q", got, test.want)
			}
		})
	}
}

// TestShowFilesBesideTheGuestsOwn: directories with the names of the guest's own are elsewhere, so that neither hides
// the other.
func TestShowFilesBesideTheGuestsOwn(t *testing.T) {
	t.Parallel()
	if filepath.Separator != '/' {
		t.Skip("here paths begin with a volume, and none is the guest's")
	}
	for dir, want := range map[string]string{
		"/pgdata": "/host/pgdata", "/pg": "/host/pg", "/pg/share": "/host/pg/share", "/dev": "/host/dev", "/": "/host", "/host/x": "/host/host/x",
		"/pgdata2": "/pgdata2", "/tmp/pg": "/tmp/pg",
	} {
		tool := engine.Tool{}
		if err := tool.ShowFiles(dir); err != nil {
			t.Fatal(err)
		}
		if tool.Dir != want || len(tool.Mounts) != 1 || tool.Mounts[0] != (engine.Mount{Host: dir, Guest: want}) {
			t.Errorf("%s: in %s with %v, want %s", dir, tool.Dir, tool.Mounts, want)
		}
	}
	var out bytes.Buffer
	tool := engine.Tool{Name: "psql", Args: []string{"--version"}, Stdout: &out, Stderr: &out}
	if err := tool.ShowFiles("/dev"); err != nil {
		t.Fatal(err)
	}
	if code, err := engine.RunTool(context.Background(), engine.Config{Runtime: enginetest.Runtime(t)}, tool); err != nil || code != 0 {
		t.Errorf("a program run in /dev: exit code %d, %v: %s", code, err, &out)
	}
}

// TestToolSeesWhatServerDoesNot: what is mounted for a program is that program's alone, and goes with it.
func TestToolSeesWhatServerDoesNot(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.sql"), []byte("\\! none\n\\o out.txt\nSELECT 42;\n\\o\nSELECT pg_read_file('"+dir+"/in.sql');\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	tool := engine.Tool{Name: "psql", Args: []string{"-XAt", "-U", "postgres", "-f", filepath.Join(dir, "in.sql")}, Stdout: &stdout, Stderr: &stderr, Env: []string{"PGDATABASE=postgres"}}
	if err := tool.ShowFiles(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := db.RunTool(context.Background(), tool); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "out.txt")); string(b) != "42\n" {
		t.Errorf("out.txt: %q, %v\n%s", b, err, &stderr)
	}
	if !strings.Contains(stderr.String(), "could not open file") {
		t.Errorf("the server has read the file: %s%s", &stdout, &stderr)
	}
}

// TestReadOnly runs pg_controldata beside a server and compares the directory.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	var out bytes.Buffer
	tool := engine.Tool{Name: "pg_controldata", ReadOnly: true, Stdout: &out, Stderr: &out}
	code, err := engine.RunTool(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)}, tool)
	if code != 0 || err != nil || !strings.Contains(out.String(), "Database cluster state:") {
		t.Fatalf("exit code %d, %v: %s", code, err, &out)
	}
	if _, err := os.Stat(filepath.Join(dir, "pglite.lock")); err == nil {
		t.Error("a lock was left in the directory")
	}
}
