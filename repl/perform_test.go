package repl

import (
	"testing"
	"time"
)

// TestFormatTime checks the units in which \timing tells a time.
func TestFormatTime(t *testing.T) {
	t.Parallel()
	for elapsed, want := range map[time.Duration]string{
		0:                             "Time: 0.000 ms\n",
		1500 * time.Microsecond:       "Time: 1.500 ms\n",
		999999 * time.Microsecond:     "Time: 999.999 ms\n",
		1500 * time.Millisecond:       "Time: 1500.000 ms (00:01.500)\n",
		61 * time.Second:              "Time: 61000.000 ms (01:01.000)\n",
		time.Hour + time.Second:       "Time: 3601000.000 ms (01:00:01.000)\n",
		25*time.Hour + 61*time.Second: "Time: 90061000.000 ms (1 d 01:01:01.000)\n",
	} {
		if got := formatTime(elapsed); got != want {
			t.Errorf("%v: got %q, want %q", elapsed, got, want)
		}
	}
}
