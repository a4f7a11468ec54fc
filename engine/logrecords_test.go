package engine

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// TestLogRecords: each line is a record of its message's level, however the bytes come.
func TestLogRecords(t *testing.T) {
	t.Parallel()
	log := "2026-12-01 00:00:00.123 UTC [42] LOG:  database system is ready\n" +
		"2026-12-01 00:00:00.124 UTC [43] ERROR:  syntax error at or near \"x\" at character 1\n" +
		"2026-12-01 00:00:00.124 UTC [43] STATEMENT:  x\n\ty\n" +
		"2026-12-01 00:00:00.125 UTC [44] WARNING:  careful\n" +
		"pglite: process 45 ended by a trap\n"
	want := strings.Join([]string{
		`level=INFO msg="database system is ready" pid=42 severity=LOG`,
		`level=ERROR msg="syntax error at or near \"x\" at character 1" pid=43 severity=ERROR`,
		`level=ERROR msg=x pid=43 severity=STATEMENT`,
		`level=ERROR msg=y`,
		`level=WARN msg=careful pid=44 severity=WARNING`,
		`level=WARN msg="pglite: process 45 ended by a trap"`,
	}, "\n") + "\n"
	for _, size := range []int{1, 7, len(log)} {
		var got bytes.Buffer
		r := &logRecords{to: slog.New(slog.NewTextHandler(&got, &slog.HandlerOptions{
			ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey && len(groups) == 0 {
					return slog.Attr{}
				}
				return a
			},
		}))}
		for rest := log; rest != ""; {
			n := min(size, len(rest))
			if _, err := r.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if got.String() != want {
			t.Errorf("by %d bytes:\n%swant\n%s", size, got.String(), want)
		}
	}
}
