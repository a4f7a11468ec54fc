package cmd

import "golang.org/x/sys/windows"

// setEcho makes a console show what is typed, or not.
func setEcho(fd int, on bool) error {
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(fd), &mode); err != nil {
		return err
	}
	mode &^= windows.ENABLE_ECHO_INPUT
	if on {
		mode |= windows.ENABLE_ECHO_INPUT
	}
	return windows.SetConsoleMode(windows.Handle(fd), mode)
}
