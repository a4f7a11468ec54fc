//go:build unix

package repl

import (
	"cmp"
	"os"
	"os/exec"
	"strings"
)

// shellCommand returns a command line of the user as a program to run.
func shellCommand(line string) *exec.Cmd { return exec.Command("/bin/sh", "-c", line) }

// userShell returns what \! without a command starts.
func userShell() *exec.Cmd { return exec.Command(cmp.Or(os.Getenv("SHELL"), "/bin/sh")) }

// defaultEditor is used when no variable names another.
const defaultEditor = "vi"

// shellQuote returns text as one word of the shell.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
