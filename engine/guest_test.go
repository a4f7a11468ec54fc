package engine_test

import (
	"context"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestFilesInMemoryHaveALimit: a table of a cluster in memory must not take all memory of the program around it.
func TestFilesInMemoryHaveALimit(t *testing.T) {
	for _, test := range []struct {
		name, dataDir, sql string
		physical           uint64
	}{
		{"cluster", engine.Memory, "create unlogged table u as select repeat('x', 1000) x from generate_series(1, 200000)", 256 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer engine.SetPhysicalMemory(test.physical)()
			conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: test.dataDir}))
			if _, err := conn.Exec(context.Background(), test.sql); sqlState(err) != "53100" {
				t.Errorf("got %v, want disk_full", err)
			}
			if n := enginetest.Get[int](t, conn, "select 1"); n != 1 {
				t.Error("the session did not survive")
			}
		})
	}
}
