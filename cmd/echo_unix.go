//go:build unix

package cmd

import "golang.org/x/sys/unix"

// setEcho makes a terminal show what is typed, or not. What was typed before is dropped then, as getpass does it.
func setEcho(fd int, on bool) error {
	modes, err := unix.IoctlGetTermios(fd, getModes)
	if err != nil {
		return err
	}
	modes.Lflag &^= unix.ECHO
	if on {
		modes.Lflag |= unix.ECHO
	}
	return unix.IoctlSetTermios(fd, setModes, modes)
}
