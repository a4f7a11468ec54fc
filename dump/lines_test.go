package dump

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestManyLines: the time for a script grows with its lines and not with their square; otherwise this does not end.
func TestManyLines(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads a million lines")
	}
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	sql := strings.Repeat("-- nothing\n", 1_000_000) + "CREATE TABLE last ();\n"
	var stderr bytes.Buffer
	r := Restore{File: "-", Stdin: strings.NewReader(sql), Database: "postgres", Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
	if code, err := r.Run(t.Context(), db); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, &stderr)
	}
	if !enginetest.Get[bool](t, conn, "SELECT to_regclass('last') IS NOT NULL") {
		t.Error("the last statement was not run")
	}
}
