package cmd

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/urfave/cli/v2"
)

// TestScriptProgress reads a script with a clock that moves as the test says.
func TestScriptProgress(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "script.sql")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 2_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var screen strings.Builder
	now := time.Unix(1, 0)
	p := newScriptProgress(Streams{Err: &screen, ErrTerminal: true})
	p.now = func() time.Time { return now }
	r := p.over(f, "script.sql")
	var out bytes.Buffer
	w := p.before(&out)
	for _, step := range []struct {
		after time.Duration
		read  int64
		write string
		want  string
	}{
		{0, 500_000, "", ""},                 // it may be done soon
		{time.Second, 100_000, "result", ""}, // there is nothing to take away
		{time.Second, 400_000, "", "\rpglite: script.sql: 50% of 2.0 MB\x1b[K"},
		{100 * time.Millisecond, 100_000, "", ""}, // not so often
		{0, 0, "result", "\r\x1b[K"},
		{0, 0, "result", ""},
		{time.Second, 400_000, "", "\rpglite: script.sql: 75% of 2.0 MB\x1b[K"},
		{0, 500_000, "", ""},
		{0, 1, "", "\r\x1b[K"}, // the end
	} {
		screen.Reset()
		now = now.Add(step.after)
		if step.read > 0 {
			if _, err := io.ReadFull(io.LimitReader(r, step.read), make([]byte, step.read)); err != nil && step.read > 1 {
				t.Fatal(err)
			}
		}
		if step.write != "" {
			if _, err := io.WriteString(w, step.write); err != nil {
				t.Fatal(err)
			}
		}
		if got := screen.String(); got != step.want {
			t.Errorf("after %d bytes more: got %q, want %q", step.read, got, step.want)
		}
	}
	screen.Reset()
	now = now.Add(time.Second)
	if _, err := io.ReadFull(p.over(iotest.HalfReader(strings.NewReader("0123456789")), "<stdin>"), make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if got := screen.String(); got != "\rpglite: <stdin>: 0.0 MB\x1b[K" {
		t.Errorf("of unknown length: got %q", got)
	}
}

func TestScriptProgressWithoutTerminal(t *testing.T) {
	t.Parallel()
	p := newScriptProgress(Streams{Err: io.Discard})
	r := strings.NewReader("")
	if p.over(r, "x") != io.Reader(r) || p.before(io.Discard) != io.Discard {
		t.Error("something is shown where no terminal is")
	}
}

// A script of -f shows how far it is also where standard input is a terminal, of which what is typed shows nothing.
func TestScriptProgressOnTerminal(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "script.sql")
	if err := os.WriteFile(name, []byte("SELECT 1;"), 0o600); err != nil {
		t.Fatal(err)
	}
	var screen bytes.Buffer
	p := &program{
		streams: Streams{In: strings.NewReader("typed\n"), Out: io.Discard, Err: &screen, InTerminal: true, OutTerminal: true, ErrTerminal: true},
		items:   []item{{"file", name}},
	}
	e, err := p.plan(cli.NewContext(p.app(), flag.NewFlagSet("exec", flag.ContinueOnError), nil))
	if err != nil {
		t.Fatal(err)
	}
	e.progress.wait = 0
	if _, err := e.stdin.ReadLine(); err != nil || screen.Len() > 0 {
		t.Errorf("typed: %q, error %v", screen.String(), err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := e.progress.over(f, "script.sql").Read(make([]byte, 4)); err != nil || !strings.Contains(screen.String(), "script.sql: 44%") {
		t.Errorf("a script: %q, error %v", screen.String(), err)
	}
	e.close(&err)
	if err != nil || !strings.HasSuffix(screen.String(), "\r\x1b[K") {
		t.Errorf("at the end: %q, error %v", screen.String(), err)
	}
}
