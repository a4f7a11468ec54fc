package engine

import (
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/relay"
)

// own returns the server that db runs.
func own(db *DB) *ownServer {
	s, err := db.server.own()
	if err != nil {
		panic(err)
	}
	return s
}

// KillPostmaster ends the postmaster as the system's SIGKILL does.
func KillPostmaster(db *DB) { own(db).postmaster.Signal(kernel.SIGKILL) }

// KillProcess ends any process of the server as the system's SIGKILL does.
func KillProcess(db *DB, pid int32) error { return own(db).postmaster.Kill(pid, kernel.SIGKILL) }

// KillOwnPostmaster is KillPostmaster for a DB that was attached and has taken the server over; it waits for the end.
func KillOwnPostmaster(db *DB) {
	KillPostmaster(db)
	<-own(db).postmaster.Done()
}

// PrivateSocket returns where an owner of the data directory listens.
func PrivateSocket(t *testing.T, dir string) string {
	t.Helper()
	path, err := privateSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// SetSilent makes newcomers bear with an owner that does not answer for d.
func SetSilent(t *testing.T, d time.Duration) {
	before := silentPatience
	silentPatience = d
	t.Cleanup(func() { silentPatience = before })
}

// FastPatience is how long a fast shutdown may take.
const FastPatience = fastPatience

// ForgetFailures makes a shutdown begin at once, whatever has happened before.
func ForgetFailures(db *DB) { own(db).failed.Store(false) }

// Quiet is how long a session has to be idle at first for Release to end it.
const Quiet = relay.Quiet

// HourAhead makes the code cache take every file for an hour older than it is.
func HourAhead(cfg Config) Config {
	cfg.fileClock = func() time.Time { return time.Now().Add(time.Hour) }
	return cfg
}
