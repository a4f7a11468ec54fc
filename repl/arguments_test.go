package repl

import (
	"runtime"
	"testing"
)

// TestBackquotes checks that a program in backquotes may fail: what it prints counts, and variables tell how it ended.
func TestBackquotes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of a Unix shell")
	}
	t.Parallel()
	for command, want := range map[string]struct{ text, failed, code string }{
		"echo a; echo b":         {"a\nb", "false", "0"},
		"echo partly; exit 4":    {"partly", "true", "4"},
		"kill -KILL $$":          {"", "true", "137"},
		"true":                   {"", "false", "0"},
		"nosuchprogram 2>&-":     {"", "true", "127"},
		"echo '$HOME' | tr H h;": {"$hOME", "false", "0"},
	} {
		s := &Session{Config: Config{Variables: Variables{}}}
		args, err := s.arguments("`" + command + "` :SHELL_ERROR")
		if err != nil || len(args) != 2 || args[0].Text != want.text || args[1].Text != want.failed {
			t.Errorf("%s: got %+v, error %v", command, args, err)
		}
		if got := s.Variables["SHELL_EXIT_CODE"]; got != want.code {
			t.Errorf("%s: exit code %s, want %s", command, got, want.code)
		}
	}
}
