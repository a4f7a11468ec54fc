package wazero

import (
	"context"
	"strings"
	"testing"
)

// TestTurn: of two that compile a program into one cache, one waits, and says so.
func TestTurn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := New(Config{CodeDir: dir}), New(Config{CodeDir: dir})
	release := first.turn(t.Context(), "postgres", func(text string) { t.Errorf("the first waits: %s", text) })
	second.turn(t.Context(), "psql", func(text string) { t.Errorf("another program waits: %s", text) })()
	waits, its := make(chan string, 1), make(chan struct{})
	go func() {
		second.turn(t.Context(), "postgres", func(text string) { waits <- text })()
		close(its)
	}()
	if got := <-waits; got != "waiting for another pglite, which compiles postgres" {
		t.Errorf("told %q", got)
	}
	select {
	case <-its:
		t.Error("it did not wait")
	default:
	}
	release()
	<-its
}

// TestTurnEnds: one that has stopped while it compiles holds nobody up for ever, and a cancelled ctx ends the wait at
// once.
func TestTurnEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stopped, second := New(Config{CodeDir: dir}), New(Config{CodeDir: dir})
	defer stopped.turn(t.Context(), "postgres", func(string) {})()
	cancelled, cancel := context.WithCancel(t.Context())
	var told []string
	second.turn(cancelled, "postgres", func(text string) { told = append(told, text); cancel() })()
	if len(told) != 1 {
		t.Errorf("with a cancelled ctx: told %q", told)
	}
	second.patience, told = 1, nil
	second.turn(t.Context(), "postgres", func(text string) { told = append(told, text) })()
	if len(told) != 2 || !strings.Contains(told[1], "does not finish compiling postgres") {
		t.Errorf("without patience: told %q", told)
	}
}
