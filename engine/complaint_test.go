package engine

import "testing"

func TestComplaint(t *testing.T) {
	t.Parallel()
	const full = `FATAL:  could not write to file "pg_wal/xlogtemp.169367": No space left on device`
	for said, want := range map[string]string{
		"2026-11-25 20:22:23.340 UTC [169367] " + full + "\nchild process exited with exit code 1\ninitdb: removing contents of data directory \"/pgdata\"\n":                        full,
		"initdb: error: \"x\" is not a valid server encoding name\n":                                                                                                                 `initdb: error: "x" is not a valid server encoding name`,
		"child process exited with exit code 1\n":                                                                                                                                    "child process exited with exit code 1",
		"initdb: warning: enabling \"trust\" authentication for local connections\ninitdb: error: a\ninitdb: hint: b\n":                                                              "initdb: error: a\ninitdb: hint: b",
		"LOG:  0 8kB is outside the valid range for parameter \"shared_buffers\"\nFATAL:  configuration file \"/pgdata/postgresql.conf\" contains errors\n":                          `0 8kB is outside the valid range for parameter "shared_buffers"`,
		"LOG:  unrecognized configuration parameter \"junk\" in file \"/pgdata/postgresql.conf\" line 890\nFATAL:  configuration file \"/pgdata/postgresql.conf\" contains errors\n": `unrecognized configuration parameter "junk"`,
	} {
		if got := complaint(said); got != want {
			t.Errorf("%q: got %q", said, got)
		}
	}
}
