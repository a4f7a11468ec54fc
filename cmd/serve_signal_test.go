package cmd

import (
	"os"
	"syscall"
	"testing"
	"time"
)

func TestSignalEchoes(t *testing.T) {
	t.Parallel()
	var last lastSignal
	now := time.Now()
	for i, step := range []struct {
		sig   os.Signal
		after time.Duration
		want  bool
	}{
		{os.Interrupt, 0, false},
		{os.Interrupt, time.Millisecond, true},
		{os.Interrupt, echoTime - time.Millisecond - 1, true},
		{os.Interrupt, 1, false}, // as long after the first one as that has echoes
		{os.Interrupt, echoTime - 1, true},
		{os.Interrupt, echoTime - 1, false}, // and so on: every second one is heard
		{os.Interrupt, echoTime, false},
		{syscall.SIGTERM, time.Millisecond, false},
		{os.Interrupt, time.Millisecond, false},
		{os.Interrupt, time.Minute, false},
	} {
		now = now.Add(step.after)
		if got := last.echoes(step.sig, now); got != step.want {
			t.Errorf("%d, %v after %v: %t", i, step.sig, step.after, got)
		}
	}
}
