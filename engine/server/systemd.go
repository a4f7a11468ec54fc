package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// firstActivated is the number of the first descriptor that socket activation passes
// (https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html).
const firstActivated = 3

// Activated returns the listening sockets that a service manager has passed on, none when it has not. It takes them and their
// environment variables away, so that a child does not take them for its own.
func Activated() ([]net.Listener, error) {
	pid, count := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS")
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		if err := os.Unsetenv(name); err != nil {
			return nil, err
		}
	}
	if count == "" || pid != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("LISTEN_FDS=%q is not a number of sockets", count)
	}
	var listeners []net.Listener
	for fd := firstActivated; fd < firstActivated+n; fd++ {
		l, err := activated(fd)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("file descriptor %d of LISTEN_FDS: %w", fd, err), closeAll(listeners))
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func activated(fd int) (net.Listener, error) {
	file := os.NewFile(uintptr(fd), "LISTEN_FD_"+strconv.Itoa(fd))
	defer file.Close()
	l, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	return l, nil
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// States of Notify.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
)

// Reloading is the state of a server that reads its configuration again; Ready ends it.
func Reloading() string {
	return "RELOADING=1\nMONOTONIC_USEC=" + strconv.FormatInt(monotonic().Microseconds(), 10)
}

// Notify tells the service manager about the state of the server; where there is no service manager it does nothing
// (https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html).
func Notify(states ...string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	conn, err := net.DialTimeout("unixgram", path, time.Second)
	if err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(strings.Join(states, "\n"))); err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	return nil
}
