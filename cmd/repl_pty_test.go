//go:build unix

package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is pglite repl on a pseudo-terminal.
type terminal struct {
	t    *testing.T
	file *os.File
	cmd  *exec.Cmd
	done chan error
	home string

	mu      sync.Mutex
	changed sync.Cond // tells of what follows
	pastes  bool      // pasted text is asked for in brackets
	screen  bytes.Buffer
	read    int  // what of screen was waited for already
	ended   bool // nothing more comes
}

// openTerminal starts a shell with a home of its own on the engine, or on the machine's PostgreSQL when no runtime is
// embedded.
func openTerminal(t *testing.T, home string, args ...string) *terminal {
	t.Helper()
	return openTerminalOn(t, "memory:", home, nativeEnvironment(t), args...)
}

// nativeEnvironment is the environment that has a shell use the machine's PostgreSQL, where there is one.
func nativeEnvironment(t *testing.T) []string {
	t.Helper()
	if server := native.get(t); server != nil {
		return []string{nativeSocket + "=" + server.socket}
	}
	if len(embeddedTools()) == 0 {
		t.Skip("there is neither a runtime embedded nor a PostgreSQL on this machine")
	}
	return nil
}

// openTerminalOn starts a shell on a data directory.
func openTerminalOn(t *testing.T, data, home string, env []string, args ...string) *terminal {
	t.Helper()
	return startTerminal(t, home, env, append([]string{"-D", data, "repl"}, args...)...)
}

// startTerminal starts any command in a terminal.
func startTerminal(t *testing.T, home string, env []string, args ...string) *terminal {
	t.Helper()
	program, err := exec.LookPath("pglite")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, args...)
	cache, _ := os.UserCacheDir()
	c.Env = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "XDG_CACHE_HOME="+cache, "TERM=xterm", "NO_COLOR=1", "PAGER=", "PSQLRC=", "PGDATABASE=postgres")
	c.Env = append(c.Env, env...)
	file, err := pty.StartWithSize(c, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, file: file, cmd: c, done: make(chan error, 1), home: home}
	term.changed.L = &term.mu
	go term.copy()
	go func() { term.done <- c.Wait() }()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		file.Close()
	})
	return term
}

func (s *terminal) copy() {
	b := make([]byte, 4096)
	for rest := []byte(nil); ; {
		n, err := s.file.Read(b)
		s.mu.Lock()
		rest = s.show(append(rest, b[:n]...))
		s.ended = s.ended || err != nil
		s.changed.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// readsLine is on the screen where the shell begins to read a line. Its prompt is written again with each key, so the
// prompt alone does not say that the shell reads: between two lines Ctrl-C is a signal and no key.
const readsLine = "\x00"

// show writes to the screen all but what says how pasted text is sent, of which nothing is seen. It returns the start of
// that.
func (s *terminal) show(data []byte) (rest []byte) {
	const on, off = "\x1b[?2004h", "\x1b[?2004l"
	s.pastes = s.pastes || bytes.Contains(data, []byte(on))
	text := strings.NewReplacer(on, readsLine, off, "").Replace(string(data))
	if i := strings.LastIndexByte(text, '\x1b'); i >= 0 && strings.HasPrefix(on, text[i:]) {
		text, rest = text[:i], []byte(text[i:])
	}
	s.screen.WriteString(text)
	return rest
}

// brackets reports whether the shell has asked for pasted text in brackets.
func (s *terminal) brackets() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pastes
}

// typed sends keys.
func (s *terminal) typed(keys string) {
	s.t.Helper()
	if _, err := s.file.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// wait waits until the screen shows a text, after what was waited for before. A prompt is waited for until the shell
// reads a line after it.
func (s *terminal) wait(text string) {
	s.t.Helper()
	pattern := regexp.QuoteMeta(text)
	if strings.HasSuffix(text, "# ") || strings.HasSuffix(text, "> ") {
		pattern = readsLine + `(?:[\r\x08]|\x1b\[[0-9;]*[A-Za-z])*` + pattern
	}
	s.waitMatch(pattern)
}

// waitMatch is wait for a regular expression.
func (s *terminal) waitMatch(pattern string) {
	s.t.Helper()
	shown := regexp.MustCompile(pattern)
	late := time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		s.changed.Broadcast()
	})
	defer late.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if at := shown.FindIndex(s.screen.Bytes()[s.read:]); at != nil {
			s.read += at[1]
			return
		}
		if s.ended {
			s.t.Fatalf("the screen does not show %q; it shows\n%q", pattern, s.screen.String()[s.read:])
		}
		s.changed.Wait()
	}
}

// left waits for the shell to end and checks its exit code.
func (s *terminal) left(code int) {
	s.t.Helper()
	select {
	case <-s.done:
		if got := s.cmd.ProcessState.ExitCode(); got != code {
			s.t.Errorf("exit code %d, want %d", got, code)
		}
	case <-time.After(patience):
		s.t.Fatal("the shell did not end")
	}
}

func TestTerminalPrompts(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	for _, step := range [][2]string{
		{"SELECT (1", "postgres(# "},
		{"+ 1)", "postgres-# "},
		{"AS \"a", `postgres"# `},
		{"b\", 'c", "postgres'# "},
		{"', $x$", "postgres$# "},
		{"$x$ /*", "postgres*# "},
		{"*/;", "(1 row)"},
		{"", "postgres=# "},
		{"BEGIN;", "postgres=*# "},
		{"SELECT nonsense;", "postgres=!# "},
		{"SELECT 1", "postgres-!# "},
		{"\\r", "Query buffer reset (cleared)."},
		{"ROLLBACK;", "postgres=# "},
		{"\\set PROMPT1 '%n@%/ %R%# '", "postgres@postgres =# "},
		{"\\if false", "postgres@postgres @# "},
		{"\\endif", "postgres@postgres =# "},
	} {
		if step[0] != "" {
			s.typed(step[0] + "\r")
		}
		s.wait(step[1])
	}
	s.typed("\x04")
	s.left(exitOK)
}

// openWatchedTerminal starts a shell on a cluster that the test asks too: sleeping waits until a session executes
// pg_sleep.
func openWatchedTerminal(t *testing.T) (s *terminal, sleeping func()) {
	t.Helper()
	query := "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name = '" + t.Name() + "'"
	env := append(nativeEnvironment(t), "PGAPPNAME="+t.Name())
	ask := func() string {
		out, err := native.get(t).command("postgres", "-Atc", query).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if native.get(t) != nil {
		s = openTerminalOn(t, "memory:", t.TempDir(), env)
	} else {
		needRuntime(t)
		dir := freshCluster(t, filepath.Join(t.TempDir(), "data"))
		s = openTerminalOn(t, dir, t.TempDir(), env)
		ask = func() string {
			_, stdout, _ := pglite(t, "-D", dir, "exec", "-At", query)
			return stdout
		}
	}
	return s, func() {
		t.Helper()
		eventually(t, "no session sleeps", func() bool { return ask() == "1\n" })
	}
}

func TestTerminalInterrupt(t *testing.T) {
	t.Parallel()
	s, sleeping := openWatchedTerminal(t)
	s.wait("postgres=# ")
	s.typed("SELECT 'left over\x03")
	s.wait("^C")
	s.wait("postgres=# ")
	s.typed("SELECT 'sleeps', pg_sleep(1000);\r")
	sleeping()
	s.typed("\x03")
	s.wait("canceling statement due to user request")
	s.wait("postgres=# ")
	s.typed("SELECT 40 + 2 AS alive;\r")
	s.wait("42")
	s.typed("SELECT 1 \\watch 0.1\r")
	s.wait("(every 0.1s)")
	s.wait("(every 0.1s)")
	s.typed("\x03")
	s.wait("postgres=# ")
	s.typed("quit\r")
	s.left(exitOK)
}

func TestTerminalHistory(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := openTerminal(t, home)
	s.wait("postgres=# ")
	s.typed("SELECT 'first',\r")
	s.wait("postgres-# ")
	s.typed("  'second' -- comment\r")
	s.wait("postgres-# ")
	s.typed("AS b;\r")
	s.wait("(1 row)")
	s.wait("postgres=# ")
	s.typed("\x1b[A\r") // up
	s.wait("(1 row)")
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)

	info, err := os.Stat(filepath.Join(home, ".local", "state", "pglite", "history"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the history: %v, error %v", info, err)
	}
	s = openTerminal(t, home)
	s.wait("postgres=# ")
	s.typed("\x1b[A\x1b[A\r")
	s.wait("(1 row)")
	s.typed("\\s\r")
	s.wait("'second' -- comment\r\nAS b;\r\n")
	s.wait("postgres=# ")
	s.typed("\x04")
	s.left(exitOK)
}

func TestTerminalCopyAndCompletion(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("CREATE TEMP TABLE completed_by_tab(a int);\r")
	s.wait("CREATE TABLE")
	s.typed("COPY completed_by_tab FROM STDIN;\r")
	s.wait("End with a backslash and a period")
	s.wait(">> ")
	s.typed("1\r")
	s.wait(">> ")
	s.typed("2\r")
	s.wait(">> ")
	s.typed("\\.\r")
	s.wait("COPY 2")
	s.wait("postgres=# ")
	s.typed("SELECT sum(a) FROM completed_b\t;\r")
	s.wait("completed_by_tab ;")
	s.wait("3")
	s.wait("postgres=# ")
	s.typed("SHOW server_version_n\t;\r")
	s.wait("server_version_num ;")
	s.wait("(1 row)")
	s.typed("\\prompt 'name? ' who\r")
	s.wait("name? ")
	s.typed("Ann\r")
	s.wait("postgres=# ")
	s.typed("\\echo hello :who\r")
	s.wait("hello Ann")
	s.typed("\x04")
	s.left(exitOK)
}

func TestTerminalStartFileAndPager(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dir := filepath.Join(home, ".config", "pglite")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "replrc"), []byte("\\set greeting welcome\n\\setenv PAGER 'sed s/^/paged/'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTerminal(t, home)
	s.wait("postgres=# ")
	s.typed("\\echo :greeting\r")
	s.wait("welcome")
	s.typed("SELECT 'short';\r")
	s.wait("\n short")
	s.typed("SELECT * FROM generate_series(1, 100);\r")
	s.wait("paged             100")
	s.wait("postgres=# ")
	s.typed("\\c template1\r")
	s.wait(`You are now connected to database "template1" as user "postgres".`)
	s.wait("template1=# ")
	s.typed("\\c nowhere\r")
	s.wait(`database "nowhere" does not exist`)
	s.wait("Previous connection kept")
	s.wait("template1=# ")
	s.typed("SELECT pg_terminate_backend(pg_backend_pid());\r")
	s.wait("Attempting reset: Succeeded.")
	s.wait("template1=# ")
	s.typed("\\q\r")
	s.left(exitOK)
}
