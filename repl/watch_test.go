package repl

import (
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

func TestParseWatchInterval(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"0": 0, "1": time.Second, "0.5": 500 * time.Millisecond, " 2": 2 * time.Second, "0.0009": 0, "1.2345": 1234 * time.Millisecond, "1e3": 1000 * time.Second, "9e9": 9e9 * time.Second} {
		if w, err := parseWatch([]lex.Argument{{Text: text}}, "2"); err != nil || w.interval != want {
			t.Errorf("%s: got %v, %v, want %v", text, w.interval, err, want)
		}
	}
	for _, text := range []string{"-1", "x", "", "inf", "+Inf", "-inf", "nan", "1e10", "1e300", "1e400", "1e-400", "2 ", "0.0e1x"} {
		if w, err := parseWatch([]lex.Argument{{Text: text}}, "2"); err == nil {
			t.Errorf("%q: got %v", text, w.interval)
		}
		if err := (Variables{}).Set("WATCH_INTERVAL", text); err == nil {
			t.Errorf("WATCH_INTERVAL may be %q", text)
		}
		if w, err := parseWatch(nil, text); err == nil {
			t.Errorf("WATCH_INTERVAL %q: got %v", text, w.interval)
		}
	}
}
