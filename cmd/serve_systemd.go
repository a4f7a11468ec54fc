package cmd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// activatedListeners returns the listening sockets that a service manager has passed to this process, none without one.
// Their environment variables are removed, so that a child does not use them.
func activatedListeners() (listeners []net.Listener, err error) {
	if pid, count := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"); pid == strconv.Itoa(os.Getpid()) {
		if n, err := strconv.Atoi(count); err != nil || n < 0 { // go-systemd takes that for none
			return nil, fmt.Errorf("socket activation: LISTEN_FDS=%q is not a number of sockets", count)
		}
	}
	for _, file := range activation.Files(true) {
		l, e := net.FileListener(file)
		if e != nil {
			err = errors.Join(err, fmt.Errorf("socket activation, %s: %w", file.Name(), e))
		} else {
			listeners = append(listeners, l)
		}
		_ = file.Close() // FileListener has a copy
		if u, ok := l.(*net.UnixListener); ok {
			u.SetUnlinkOnClose(false)
		}
	}
	if err == nil {
		return listeners, nil
	}
	for _, l := range listeners {
		_ = l.Close()
	}
	return nil, err
}

// The states of serve.
const (
	stateReady    = daemon.SdNotifyReady
	stateStopping = daemon.SdNotifyStopping
)

// notifyManager tells the service manager the state of serve; without a service manager it does nothing.
func notifyManager(state string) error {
	if _, err := daemon.SdNotify(false, state); err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	return nil
}

// stateReloading is the state of a server that reads its configuration again; stateReady ends it.
func stateReloading() string { return daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec() }
