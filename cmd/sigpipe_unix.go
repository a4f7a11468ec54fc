//go:build unix

package cmd

import (
	"os"
	"os/signal"
	"syscall"
)

// ignoreBrokenPipe makes a write to a closed pipe an error, so that a cluster is shut down properly when the reader of
// the output goes away. The signal is caught and not ignored, because programs started from here inherit the latter.
func ignoreBrokenPipe() (stop func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}
