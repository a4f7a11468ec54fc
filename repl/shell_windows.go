package repl

import (
	"cmp"
	"os/exec"
	"strings"
	"syscall"
)

// shellCommand returns a command line of the user as a program to run.
func shellCommand(line string, getenv func(string) string) *exec.Cmd {
	c := exec.Command(cmp.Or(getenv("COMSPEC"), "cmd.exe"))
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: `/d /s /c "` + line + `"`}
	return c
}

// userShell returns what \! without a command starts.
func userShell(getenv func(string) string) *exec.Cmd {
	return exec.Command(cmp.Or(getenv("COMSPEC"), "cmd.exe"))
}

// homeVariable names the variable that holds the home directory.
const homeVariable = "USERPROFILE"

// sameVariable reports whether two names are those of the same variable of the environment.
func sameVariable(a, b string) bool { return strings.EqualFold(a, b) }

// defaultEditor is used when no variable names another.
const defaultEditor = "notepad.exe"

// shellQuote returns text as one word of the shell.
func shellQuote(text string) string { return `"` + text + `"` }
