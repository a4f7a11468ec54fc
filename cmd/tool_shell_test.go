//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestToolPsqlWatch: \watch waits for its timer, which is sigwait(3).
func TestToolPsqlWatch(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	script := filepath.Join(t.TempDir(), "script.sql")
	if err := os.WriteFile(script, []byte("select 'seen' \\watch i=0.01 c=3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := pglite(t, "-D", "memory:", "tool", "psql", "-XAt", "-f", script)
	if code != exitOK || strings.Count(stdout, "seen") != 3 || stderr != "" {
		t.Errorf("%d, %q, %q", code, stdout, stderr)
	}
}

// TestToolPsqlWithoutShell: a command that cannot run says so, and psql's variables have what a shell's failure gives.
func TestToolPsqlWithoutShell(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	script := filepath.Join(t.TempDir(), "script.sql")
	const state = "\n\\echo :SHELL_ERROR :SHELL_EXIT_CODE\n"
	text := `\! nosuch` + state + `\! echo hi | cat` + state + `\! psql --version` + state + `\!` + state
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := pglite(t, "-D", "memory:", "tool", "psql", "-X", "-f", script)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != exitOK || len(lines) != 5 || lines[0] != "true 127" || lines[1] != "true 127" || lines[3] != "false 0" || lines[4] != "true 127" {
		t.Errorf("%d, %q", code, lines)
	}
	want := "pglite: nosuch: neither a program of this runtime nor a file, and there is no shell\n" +
		"pglite: echo hi | cat: this needs a shell, and there is none\n" +
		"pglite: exec /bin/sh: neither a program of this runtime nor a file, and there is no shell\n"
	if stderr != want {
		t.Errorf("says %q, want %q", stderr, want)
	}
}

// TestInitSaysWhatLocalesDo: a name that the runtime has not is kept, and does not sort.
func TestInitSaysWhatLocalesDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ locale, collate, provider, want string }{
		{"", "", "", ""},
		{"C", "", "", ""},
		{"c.utf8", "", "", ""},
		{"de_DE.utf8", "", "", "de_DE.utf8"},
		{"de_DE.utf8", "C", "", ""},
		{"C", "en_US.UTF-8", "libc", "en_US.UTF-8"},
		{"de_DE.utf8", "", "builtin", ""},
	} {
		if got := foreignLocale(test.locale, test.collate, test.provider); got != test.want {
			t.Errorf("%v: %q", test, got)
		}
	}
}
