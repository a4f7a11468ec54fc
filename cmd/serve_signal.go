package cmd

import (
	"os"
	"time"
)

// lastSignal is the last signal that has come to serve and was no echo.
type lastSignal struct {
	sig os.Signal
	at  time.Time
}

// echoTime is within which a signal that comes again is an echo. Nobody who asks twice is that fast.
const echoTime = 100 * time.Millisecond

// echoes notes a signal and reports whether it is the last one over again: timeout(1), and much that runs other programs, sends a signal
// to its program and to the process group that both are in. Echoes have none themselves: who repeats a signal fast is heard too.
func (l *lastSignal) echoes(sig os.Signal, now time.Time) bool {
	if sig == l.sig && now.Sub(l.at) < echoTime {
		return true
	}
	l.sig, l.at = sig, now
	return false
}
