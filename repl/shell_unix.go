//go:build unix

package repl

import (
	"cmp"
	"os/exec"
	"strings"
)

// shellCommand returns a command line of the user as a program to run.
func shellCommand(line string, _ func(string) string) *exec.Cmd {
	return exec.Command("/bin/sh", "-c", line)
}

// userShell returns what \! without a command starts.
func userShell(getenv func(string) string) *exec.Cmd {
	return exec.Command(cmp.Or(getenv("SHELL"), "/bin/sh"))
}

// homeVariable names the variable that holds the home directory.
const homeVariable = "HOME"

// sameVariable reports whether two names are those of the same variable of the environment.
func sameVariable(a, b string) bool { return a == b }

// defaultEditor is used when no variable names another.
const defaultEditor = "vi"

// shellQuote returns text as one word of the shell.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
