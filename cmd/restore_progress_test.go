//go:build unix

package cmd

import (
	"bytes"
	"strings"
	"testing"
)

// TestRestoreProgress: on a terminal it is told how much was read, of a pipe too, and the line goes before anything else is said.
func TestRestoreProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &restoreProgress{w: &out}
	p.show(5_000_000, 0)
	p.show(2_500_000, 10_000_000)
	if _, err := p.Write([]byte("ERROR\n")); err != nil {
		t.Fatal(err)
	}
	p.end()
	p.show(11_000_000, 10_000_000) // a file that has grown
	p.end()
	p.end()
	want := "\rpglite: 5.0 MB" + "\rpglite:  25% of 10.0 MB" + "\r\x1b[K" + "ERROR\n" + "\rpglite: 100% of 10.0 MB" + "\r\x1b[K"
	if out.String() != want {
		t.Errorf("%q\nwant\n%q", out.String(), want)
	}
}

// TestRestoreOnTerminal: a restore shows the line and leaves nothing of it, and shows none when standard error is no terminal.
func TestRestoreOnTerminal(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	const sql = "SELECT 1;\n" // how much was read is shown once at least, however soon it is over
	for _, terminal := range []bool{true, false} {
		var stderr bytes.Buffer
		s := Streams{In: strings.NewReader(sql), Out: &bytes.Buffer{}, Err: &stderr, ErrTerminal: terminal}
		if code := run([]string{"pglite", "-D", data, "restore", "-"}, s, production()); code != exitOK {
			t.Fatalf("exit code %d: %s", code, stderr.String())
		}
		if got := stderr.String(); strings.Contains(got, "\rpglite: ") != terminal || terminal && !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("terminal %v: %q", terminal, got)
		}
	}
}
