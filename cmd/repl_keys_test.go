//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTerminalPaste pastes text with tabs, which are no keys then.
func TestTerminalPaste(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	if !s.brackets() {
		t.Error("the terminal was not asked to tell pasted text from keys")
	}
	s.typed("\x1b[200~SELECT\r\tlength('a\tb')\r\t\tAS\twidth;\x1b[201~\r")
	s.wait("\n     3\r\n(1 row)")
	s.wait("postgres=# ")
	s.typed("\x1b[A\r")
	s.wait("\n     3\r\n(1 row)")
	s.wait("postgres=# ")
	s.typed("\\p\r")
	s.wait("\tlength('a")
	s.wait("postgres=# ")
	s.typed("SELECT ascii('\uE009') + ascii('\uE00A');\r") // of the private use area, which is the user's
	s.wait("114707")
	s.typed("\\q\r")
	s.left(exitOK)
}

// TestTerminalInterruptsCopy has Ctrl-C take back the data typed for a COPY, and Ctrl-D end it.
func TestTerminalInterruptsCopy(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("\\set PROMPT3 'data> '\r")
	s.wait("postgres=# ")
	s.typed("CREATE TEMP TABLE copied(a int);\r")
	s.wait("CREATE TABLE\r\n")
	for _, step := range []struct{ end, says, count string }{{"\x03", "COPY from stdin failed: canceled by user", " 0"}, {"\x04", "COPY 2", " 2"}} {
		s.wait("postgres=# ")
		s.typed("COPY copied FROM STDIN;\r")
		s.wait("data> ")
		s.typed("1\r")
		s.wait("data> ")
		s.typed("2\r")
		s.wait("data> ")
		s.typed(step.end)
		s.wait(step.says)
		s.wait("postgres=# ")
		s.typed("SELECT count(*) FROM copied;\r")
		s.wait(step.count + "\r\n(1 row)")
	}
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
}

// TestTerminalInterruptsCopyFromProgram has Ctrl-C end a program that the data comes from, also one that does not heed
// it. What the shell is asked then is answered.
func TestTerminalInterruptsCopyFromProgram(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("CREATE TEMP TABLE copied(a int);\r")
	s.wait("CREATE TABLE\r\n")
	for _, start := range []string{"", `trap "" INT; `} {
		s.wait("postgres=# ")
		// More than a pipe holds, so that the COPY runs when the program gets past it.
		s.typed(`\copy copied from program '` + start + `yes 1 | head -n 200000; echo be""gun >&2; sleep 100'` + "\r")
		s.wait("begun")
		s.typed("\x03")
		s.wait("COPY from stdin failed: canceled by user")
		s.wait("postgres=# ")
		s.typed("SELECT 40 + 2, count(*) FROM copied;\r")
		s.wait("42 |     0")
	}
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
}

// TestTerminalTypesTabs types Tab where it is no key that completes: in the data of a COPY, and in an answer.
func TestTerminalTypesTabs(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("\\set PROMPT3 'data> '\r")
	s.wait("postgres=# ")
	s.typed("CREATE TEMP TABLE typed(a text, b text);\r")
	s.wait("CREATE TABLE\r\n")
	s.wait("postgres=# ")
	s.typed("COPY typed FROM STDIN;\r")
	for _, line := range []string{"a\tb", "update \tb", "\\d \tb", "\\."} {
		s.wait("data> ")
		s.typed(line + "\r")
	}
	s.wait("COPY 3")
	s.wait("postgres=# ")
	s.typed("\\prompt 'say: ' said\r")
	s.wait("say: ")
	s.typed("from \tb\r")
	s.wait("postgres=# ")
	s.typed("SELECT string_agg(a, '+' ORDER BY a), length(:'said') FROM typed;\r")
	s.wait("a+d +update  |      7")
	s.wait("postgres=# ")
	s.typed("SELEC\t40 + 2;\r") // where it completes again
	s.wait("42")
	s.typed("\\q\r")
	s.left(exitOK)
}

// TestTerminalEditorLeavesAlone has an editor that saves nothing: the statement before is not run again, and the one
// begun is kept.
func TestTerminalEditorLeavesAlone(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("\\setenv EDITOR true\r")
	s.wait("postgres=# ")
	s.typed("CREATE TEMP SEQUENCE runs;\r")
	s.wait("CREATE SEQUENCE\r\n")
	s.wait("postgres=# ")
	s.typed("SELECT nextval('runs') AS run;\r")
	s.wait("\n   1\r\n")
	s.wait("postgres=# ")
	s.typed("\\e\r")
	s.wait("postgres=# ")
	s.typed("CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';\r")
	s.wait("CREATE FUNCTION\r\n")
	s.wait("postgres=# ")
	s.typed("\\ef pg_temp.f 1\r")
	s.wait("No changes")
	s.wait("postgres=# ")
	s.typed("SELECT 'run ' ||\r")
	s.wait("postgres-# ")
	s.typed("\\e\r")
	s.wait("postgres-# ")
	s.typed("nextval('runs');\r")
	s.wait("\n run 2\r\n")
	s.wait("postgres=# ")
	s.typed("SELECT 'quit\r")
	s.wait("postgres'# ")
	s.typed("quit\r")
	s.wait("Use control-D to quit.")
	s.wait("postgres'# ")
	s.typed("\x03")
	s.wait("postgres=# ")
	s.typed("\\if false\r")
	s.wait("postgres@# ")
	s.typed("\\echo no\r")
	s.wait(`\echo command ignored; use \endif or Ctrl-C to exit current \if block`)
	s.typed("\x03")
	s.wait("postgres=# ")
	s.typed("quit;\r")
	s.left(exitOK)
}

// TestTerminalScriptStops has ON_ERROR_STOP end a script that \i runs, and not the shell.
func TestTerminalScriptStops(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	script := filepath.Join(home, "stops.sql")
	if err := os.WriteFile(script, []byte("SELECT 1/0;\n\\echo after the error\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTerminal(t, home)
	s.wait("postgres=# ")
	s.typed("\\i " + script + "\r")
	s.wait("division by zero")
	s.wait("\nafter the error")
	s.wait("postgres=# ")
	s.typed("\\set ON_ERROR_STOP on\r")
	s.wait("postgres=# ")
	s.typed("\\i " + script + "\r")
	s.wait("division by zero")
	s.wait("postgres=# ")
	s.typed("SELECT 40 + 2;\r")
	s.wait("42")
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Count(s.screen.String(), "\nafter the error") != 1 {
		t.Error("the script has gone on")
	}
}

// TestTerminalLostForGood has a shell whose server is gone stay, so that \c can go elsewhere.
func TestTerminalLostForGood(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("CREATE ROLE passing LOGIN SUPERUSER;\r")
	s.wait("CREATE ROLE\r\n")
	s.wait("postgres=# ")
	s.typed("\\c - passing\r")
	s.wait("postgres=# ")
	s.typed("ALTER ROLE passing NOLOGIN;\r")
	s.wait("ALTER ROLE\r\n")
	s.wait("postgres=# ")
	s.typed("SELECT pg_terminate_backend(pg_backend_pid());\r")
	s.wait("Attempting reset: ")
	s.wait("Failed.")
	s.wait(`role "passing" is not permitted to log in`)
	s.wait("!?> ")
	s.typed("\\conninfo\r")
	s.wait("You are currently not connected to a database.")
	s.wait("!?> ")
	s.typed("SELECT 1;\r")
	s.wait("Failed.")
	s.wait("!?> ")
	s.typed("\\c - postgres\r")
	s.wait(`You are now connected to database "postgres" as user "postgres"`)
	s.wait("postgres=# ")
	s.typed("DROP ROLE passing;\r")
	s.wait("DROP ROLE\r\n")
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
}

// TestTerminalAsksForPassword connects to a cluster that wants passwords, at the start and with \c, and not for one who
// gives none.
func TestTerminalAsksForPassword(t *testing.T) {
	t.Parallel()
	data := passwordCluster(t)
	s := openTerminalOn(t, data, t.TempDir(), nil)
	s.wait("Password for user postgres: ")
	s.typed("first\r")
	s.wait("postgres=# ")
	s.typed("\\c - other\r")
	s.wait("Password for user other: ")
	s.typed("wrong\r")
	s.wait("password authentication failed")
	s.wait("Previous connection kept")
	s.wait("postgres=# ")
	s.typed("\\c - other\r")
	s.wait("Password for user other: ")
	s.typed("second\r")
	s.wait(`You are now connected to database "postgres" as user "other".`)
	s.wait("postgres=> ")
	s.typed("\\conninfo\r")
	s.wait("Password Used        | true")
	s.wait("postgres=> ")
	s.typed("\\q\r")
	s.left(exitOK)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, password := range []string{"first", "second"} {
		if strings.Contains(s.screen.String(), password) {
			t.Errorf("the password %q is on the screen", password)
		}
	}
	if code, _, stderr := pglite(t, "-D", data, "exec", "-w", "SELECT 1"); code != exitConnection || !strings.Contains(stderr, "fe_sendauth: no password supplied") {
		t.Errorf("without a terminal: exit code %d, %s", code, stderr)
	}
}
