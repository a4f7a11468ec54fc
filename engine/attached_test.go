package engine_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// openHeir returns a DB that was attached and has taken over, and the data directory.
func openHeir(t *testing.T) (heir *engine.DB, dir string) {
	t.Helper()
	dir = enginetest.DataDir(t)
	owner := enginetest.Open(t, engine.Config{DataDir: dir})
	heir = enginetest.Open(t, engine.Config{DataDir: dir})
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	enginetest.Exec(t, enginetest.Connect(t, heir), "create table t(i int)")
	if heir.Attached() {
		t.Fatal("it has not taken over")
	}
	return heir, dir
}

// TestCloseImmediatelyHurriesRelease: a Release that waits for a transaction does not hold up CloseImmediately, of a DB
// that has taken over either.
func TestCloseImmediatelyHurriesRelease(t *testing.T) {
	t.Parallel()
	heir, dir := openHeir(t)
	busy := enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: dir}))
	enginetest.Exec(t, busy, "begin; insert into t values (1)")
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	released, closed := make(chan error, 1), make(chan error, 1)
	go func() { released <- heir.Release(ctx) }()
	<-heir.Done()
	go func() { closed <- heir.CloseImmediately() }()
	for what, ended := range map[string]chan error{"CloseImmediately": closed, "Release": released} {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(enginetest.Patience):
			t.Fatalf("%s waits for the transaction", what)
		}
	}
}

// TestToolAfterEndOfServer: a tool starts the server again that has ended by itself, as Dial does.
func TestToolAfterEndOfServer(t *testing.T) {
	t.Parallel()
	heir, _ := openHeir(t)
	engine.KillOwnPostmaster(heir)
	var out bytes.Buffer
	psql := engine.Tool{Name: "psql", Args: []string{"-Atc", "select count(*) from t"}, Stdout: &out, Stderr: os.Stderr}
	code, err := heir.RunTool(context.Background(), psql)
	if code != 0 || err != nil || out.String() != "0\n" {
		t.Errorf("psql: %d, %v, %q", code, err, out.String())
	}
}
