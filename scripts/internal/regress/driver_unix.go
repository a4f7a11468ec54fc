//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endWithClients makes the end of c's context kill the driver and the clients that it has started.
func endWithClients(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
