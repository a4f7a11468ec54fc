package repl

import (
	"cmp"
	"os"
	"os/exec"
	"syscall"
)

// shellCommand returns a command line of the user as a program to run.
func shellCommand(line string) *exec.Cmd {
	c := exec.Command(cmp.Or(os.Getenv("COMSPEC"), "cmd.exe"))
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: `/d /s /c "` + line + `"`}
	return c
}

// userShell returns what \! without a command starts.
func userShell() *exec.Cmd { return exec.Command(cmp.Or(os.Getenv("COMSPEC"), "cmd.exe")) }

// defaultEditor is used when no variable names another.
const defaultEditor = "notepad.exe"

// shellQuote returns text as one word of the shell.
func shellQuote(text string) string { return `"` + text + `"` }
