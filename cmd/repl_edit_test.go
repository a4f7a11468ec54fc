//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTerminalEditor has statements, definitions and files edited by a program that replaces a word.
func TestTerminalEditor(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	editor := filepath.Join(home, "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nsed -i s/before/after/g \"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openTerminal(t, home)
	s.wait("postgres=# ")
	s.typed("\\setenv EDITOR '" + editor + "'\r")
	s.wait("postgres=# ")
	s.typed("SELECT 'be' || 'fore', 'before';\r")
	s.wait("(1 row)")
	s.wait("postgres=# ")
	s.typed("\\e\r")
	s.wait(" before   | after")
	s.wait("(1 row)")
	s.wait("postgres=# ")
	s.typed("CREATE FUNCTION pg_temp.edited() RETURNS text LANGUAGE sql AS $$ SELECT 'before' $$;\r")
	s.wait("CREATE FUNCTION\r\n")
	s.wait("postgres=# ")
	s.typed("\\ef pg_temp.edited\r")
	s.wait("AS $function$ SELECT 'after' $function$")
	s.wait("postgres-# ")
	s.typed(";\r")
	s.wait("CREATE FUNCTION\r\n")
	s.wait("postgres=# ")
	s.typed("SELECT 'now ' || pg_temp.edited();\r")
	s.wait("now after")
	s.wait("postgres=# ")
	s.typed("SELECT 'not ended before'\r")
	s.wait("postgres-# ")
	s.typed("\\e\r")
	s.wait("not ended after")
	s.wait("postgres-# ")
	s.typed("\\p \\r\r")
	s.wait("SELECT 'not ended after'")
	s.wait("Query buffer reset")
	s.wait("postgres=# ")
	s.typed("\\! echo from the shell\r")
	s.wait("\nfrom the shell")
	s.wait("postgres=# ")
	s.typed("\x04")
	s.left(exitOK)
}

// TestTerminalPassword changes a password that is not shown.
func TestTerminalPassword(t *testing.T) {
	t.Parallel()
	s := openTerminal(t, t.TempDir())
	s.wait("postgres=# ")
	s.typed("BEGIN; CREATE ROLE someone;\r")
	s.wait("CREATE ROLE\r\n")
	s.wait("postgres=*# ")
	s.typed("\\password someone\r")
	s.wait(`Enter new password for user "someone": `)
	s.typed("first secret\x15verysecret\r")
	s.wait("Enter it again: ")
	s.typed("very\x0b\x12\x17secret\r")
	s.wait("postgres=*# ")
	s.typed("\x19\x1b[A\x1b[B\x03") // yank what was killed last; the line before this one, and this one
	s.wait("^C")
	s.wait("postgres=*# ")
	s.typed("SELECT rolpassword ~ '^SCRAM-SHA-256' AS scrambled FROM pg_authid WHERE rolname = 'someone';\r")
	s.wait("\n t")
	s.wait("postgres=*# ")
	s.typed("ROLLBACK;\r")
	s.wait("ROLLBACK\r\n")
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
	s.mu.Lock()
	defer s.mu.Unlock()
	if text := s.screen.String(); len(text) == 0 || strings.Contains(text, "secret") {
		t.Error("the password is on the screen")
	}
}

// TestTerminalHistoryVariables has a start file say where the history is and how much of it, and Ctrl-D ignored.
func TestTerminalHistoryVariables(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".psqlrc"), []byte("\\set HISTFILE ~/history-:DBNAME\n\\set HISTSIZE 2\n\\set IGNOREEOF 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTerminalOn(t, "memory:", home, append(nativeEnvironment(t), "PSQLRC="+filepath.Join(home, ".psqlrc")))
	s.wait("postgres=# ")
	for _, statement := range []string{"SELECT 'one';", "SELECT 'two';", "SELECT 'three';"} {
		s.typed(statement + "\r")
		s.wait("(1 row)")
		s.wait("postgres=# ")
	}
	s.typed("\x04")
	s.wait(`Use "\q" to leave pglite.`)
	s.wait("postgres=# ")
	s.typed("SELECT 4 AS again;\r")
	s.wait("(1 row)")
	s.wait("postgres=# ")
	s.typed("\x04")
	s.wait(`Use "\q" to leave pglite.`)
	s.typed("\x04")
	s.wait(`Use "\q" to leave pglite.`)
	s.typed("\x04")
	s.left(exitOK)
	if _, err := os.Stat(filepath.Join(home, ".local")); !os.IsNotExist(err) {
		t.Errorf("there is another history too: %v", err)
	}
	s = openTerminalOn(t, "memory:", home, append(nativeEnvironment(t), "PSQLRC="+filepath.Join(home, ".psqlrc")))
	s.wait("postgres=# ")
	s.typed("\x1b[A\x1b[A\x1b[A\x1b[A\r") // no further than the second
	s.wait(" three")
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
}
