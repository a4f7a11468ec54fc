//go:build unix

package server

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// longestSocketPath is the size of sun_path without its terminator.
const longestSocketPath = len(unix.RawSockaddrUnix{}.Path) - 1

// socketsAreIrregular: whether a socket's file may look like something else.
const socketsAreIrregular = false

// errRefused is the answer of a socket's file that nobody listens at.
var errRefused error = syscall.ECONNREFUSED

// restrict sets the mode that the socket's file is going to have, where the system takes it from the socket.
func restrict(c syscall.RawConn, mode uint32) error {
	return c.Control(func(fd uintptr) { _ = unix.Fchmod(int(fd), mode) })
}

// removeLocked removes a file while it is locked, then closes it.
func removeLocked(f *os.File) error {
	return errors.Join(os.Remove(f.Name()), f.Close())
}

// lives reports whether there is a process of that identifier, whoever has it.
func lives(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
