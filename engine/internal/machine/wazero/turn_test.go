package wazero

import (
	"testing"
)

// TestTurn: of two that compile a program into one cache, one waits, and says so.
func TestTurn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := New(Config{CodeDir: dir}), New(Config{CodeDir: dir})
	release := first.turn("postgres", func(text string) { t.Errorf("the first waits: %s", text) })
	second.turn("psql", func(text string) { t.Errorf("another program waits: %s", text) })()
	waits, its := make(chan string, 1), make(chan struct{})
	go func() {
		second.turn("postgres", func(text string) { waits <- text })()
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
