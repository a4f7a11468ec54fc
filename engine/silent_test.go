package engine_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// silentOwner has the lock and takes connections, and does nothing more, as a process that is stopped.
func silentOwner(t *testing.T, dir string) (p *puppet, says map[string]any) {
	t.Helper()
	p = newPuppet(t, dir)
	socket := engine.PrivateSocket(t, dir)
	_ = os.Remove(socket)
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	says = map[string]any{"pid": 42, "started": time.Now().UTC(), "socket": socket}
	p.says(says)
	return p, says
}

// TestSilentOwner: whoever comes is told what it waits for, and does not wait for ever.
func TestSilentOwner(t *testing.T) {
	engine.SetSilent(t, 2*time.Second)
	dir := enginetest.DataDir(t)
	silentOwner(t, dir)
	told := make(chan string, 10)
	err := <-newcomer(t, engine.Config{DataDir: dir, Progress: func(s string) { told <- s }})
	var locked *engine.LockedError
	if !errors.As(err, &locked) || !locked.Silent || locked.PID != 42 || !strings.Contains(err.Error(), "process 42, which does not answer") {
		t.Errorf("got %v", err)
	}
	select {
	case s := <-told:
		if !strings.Contains(s, "process 42") || !strings.Contains(s, "does not answer") {
			t.Errorf("told %q", s)
		}
	default:
		t.Error("told nothing before")
	}
}

// TestStartingOwner: one that says that its start goes on is waited for.
func TestStartingOwner(t *testing.T) {
	engine.SetSilent(t, 500*time.Millisecond)
	dir := enginetest.DataDir(t)
	p, says := silentOwner(t, dir)
	opened := newcomer(t, engine.Config{DataDir: dir})
	for beat := range 20 {
		says["starting"] = beat + 1
		p.says(says)
		stillWaits(t, opened, 100*time.Millisecond)
	}
	_ = p.file.Close() // it is killed
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
