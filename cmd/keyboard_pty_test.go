//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestTerminalEndsBySignal ends a shell with SIGTERM while it waits for a line, and runs nothing of what is on that.
func TestTerminalEndsBySignal(t *testing.T) {
	t.Parallel()
	made := filepath.Join(t.TempDir(), "made")
	for waiting, typed := range map[string][]string{
		"postgres=# ": {"", "SELECT 1", `\! touch ` + made},
		">> ":         {"1"},
		"secret? ":    {"geheim"},
	} {
		for _, text := range typed {
			s := openTerminal(t, t.TempDir())
			s.wait("postgres=# ")
			switch waiting {
			case ">> ":
				s.typed("CREATE TEMP TABLE filled(a int); COPY filled FROM STDIN;\r")
				s.wait(waiting)
			case "secret? ":
				s.typed("\\prompt 'secret? ' x\r")
				s.wait("\n")
				s.wait(waiting)
			}
			s.typed(text)
			if text != "" && waiting != "secret? " {
				s.wait(text)
			}
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			s.left(exitSignal + int(syscall.SIGTERM))
			if !echoes(t, s) {
				t.Errorf("ended after %q: the terminal does not show what is typed any more", text)
			}
		}
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("half a line was run")
	}
}
