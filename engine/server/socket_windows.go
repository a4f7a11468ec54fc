package server

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// longestSocketPath is the size of sun_path without its terminator.
const longestSocketPath = 107

// socketsAreIrregular: to Windows a socket's file is a reparse point.
const socketsAreIrregular = true

// errRefused is the answer of a socket's file that nobody listens at.
var errRefused error = windows.WSAECONNREFUSED

// restrict does nothing: the file's access control list is that of its directory.
func restrict(syscall.RawConn, uint32) error { return nil }

// removeLocked closes a file and removes it: an open one cannot be removed.
func removeLocked(f *os.File) error {
	if err := f.Close(); err != nil {
		return err
	}
	_ = os.Remove(f.Name()) // another server may have it open by now
	return nil
}

// lives reports whether there is a process of that identifier, whoever has it.
func lives(pid int) bool {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
	}
	defer windows.CloseHandle(process)
	var code uint32
	return windows.GetExitCodeProcess(process, &code) == nil && code == uint32(windows.STATUS_PENDING)
}
