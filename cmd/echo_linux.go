package cmd

import "golang.org/x/sys/unix"

// The ioctls of tcgetattr, and of tcsetattr with TCSAFLUSH.
const getModes, setModes = unix.TCGETS, unix.TCSETSF
