//go:build unix

package cmd

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// failing is a standard output that cannot be written.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: f.err}
}

// TestFailingOutput: whatever a command prints, that it cannot be written is an error with its reason. That the reader has gone away is
// none.
func TestFailingOutput(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	archive := filepath.Join(t.TempDir(), "archive")
	succeed(t, "", "-D", data, "dump", "-Fc", "-f", archive)
	owner, err := openCluster(t.Context(), clusterConfig{DataDir: data}) // the commands attach to it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	for _, line := range []string{
		"--help", "exec --help", "dump --help", "tool --help", "--version", "version", "completion bash", "info", "info --json", "doctor",
		"doctor --json", "extension list", "init DATA", "exec SELECT+1", "exec --csv TABLE+pg_class", "exec -c \\copy+(SELECT+1)+to+stdout",
		"exec -c \\echo+hi", "exec -c \\qecho+hi", "exec -l", "repl -X -c SELECT+1", "hexdump SELECT+1", "hexdump --decode SELECT+1",
		"dump", "dump --all", "dump -- --help", "tool psql -c SELECT+1", "tool pg_dump", "tool pg_controldata",
		"tool psql --help", "restore --list ARCHIVE",
	} {
		var args []string
		for _, word := range strings.Fields(line) {
			args = append(args, strings.NewReplacer("+", " ", "DATA", data, "ARCHIVE", archive).Replace(word))
		}
		for _, reason := range []syscall.Errno{syscall.ENOSPC, syscall.EPIPE} {
			var stderr bytes.Buffer
			s := Streams{In: strings.NewReader(""), Out: failing{reason}, Err: &stderr, Env: []string{"HOME=" + t.TempDir(), "PGLITE_DATA=" + data}}
			code := run(append([]string{"pglite"}, args...), s, production())
			told := strings.Contains(strings.ToLower(stderr.String()), reason.Error())
			if reason == syscall.ENOSPC && (code != exitFailure || !told) || reason == syscall.EPIPE && told {
				t.Errorf("%s, %v: exit code %d: %s", line, reason, code, &stderr)
			}
		}
	}
}

// TestUnreadableInput: standard input that cannot be read is not taken for one that has ended.
func TestUnreadableInput(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	for _, args := range [][]string{{"exec"}, {"repl", "-X"}, {"tool", "psql"}, {"restore", "-"}} {
		var stdout, stderr bytes.Buffer
		s := Streams{In: unreadable{}, Out: &stdout, Err: &stderr}
		code := run(append([]string{"pglite", "-D", "memory:"}, args...), s, production())
		if code == exitOK || !strings.Contains(strings.ToLower(stderr.String()), syscall.EIO.Error()) {
			t.Errorf("%q: exit code %d: %s%s", args, code, &stdout, &stderr)
		}
	}
}

// unreadable is a standard input that cannot be read.
type unreadable struct{}

func (unreadable) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: "/dev/stdin", Err: syscall.EIO}
}
