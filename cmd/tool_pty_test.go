//go:build unix

package cmd

import (
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestToolPassword: a program that asks for a password does not show it, and the terminal is as before when it has asked, when it is
// interrupted, and when it is ended meanwhile.
func TestToolPassword(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	const secret, prompt = "geheim", "Enter new password"
	term := startTerminal(t, t.TempDir(), nil, "-D", "memory:", "tool", "psql", "-X")
	term.wait("=#")
	term.typed("\\password\n")
	for _, asked := range []string{prompt, "again"} {
		term.wait(asked)
		term.typed(secret + "\n")
	}
	term.wait("=#")
	term.typed("\\echo typed\n")
	term.wait("\\echo typed") // shown
	term.wait("=#")
	term.typed("\\password\n")
	term.wait(prompt)
	term.typed("\x03")
	term.wait("=#")
	term.typed("\\echo again\n")
	term.wait("\\echo again")
	term.wait("=#")
	term.typed("\\password\n")
	term.wait(prompt)
	if echoes(t, term) {
		t.Error("the terminal shows what is typed while a password is asked for")
	}
	if err := term.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-term.done; err == nil {
		t.Error("exit code 0 after SIGTERM")
	}
	if !echoes(t, term) {
		t.Error("the terminal does not show what is typed any more")
	}
	term.mu.Lock()
	defer term.mu.Unlock()
	if screen := term.screen.String(); strings.Contains(screen, secret) {
		t.Errorf("the password is shown:\n%s", screen)
	}
}

// echoes reports whether a terminal shows what is typed.
func echoes(t *testing.T, term *terminal) bool {
	t.Helper()
	modes, err := unix.IoctlGetTermios(int(term.file.Fd()), getModes)
	if err != nil {
		t.Fatal(err)
	}
	return modes.Lflag&unix.ECHO != 0
}
