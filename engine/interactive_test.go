package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// kinds lists the types of the messages in an answer.
func kinds(t *testing.T, answer []byte) string {
	t.Helper()
	var types []byte
	for rest := answer; len(rest) > 0; {
		length := int(rest[1])<<24 | int(rest[2])<<16 | int(rest[3])<<8 | int(rest[4])
		types = append(types, rest[0])
		rest = rest[length+1:]
	}
	return string(types)
}

func message(kind byte, body string) engine.Bytes {
	n := len(body) + 4
	return append(engine.Bytes{kind, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

// TestExecInteractive: the raw answers of one session, whatever is sent.
func TestExecInteractive(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{DataDir: engine.Memory})
	ctx, cancel := context.WithTimeout(t.Context(), enginetest.Patience)
	defer cancel()
	if db.Transport() != engine.TransportSocket {
		t.Errorf("transport %s", db.Transport())
	}
	extended := bytes.Join([][]byte{
		message('P', "\x00SELECT 42\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x00\x00\x00"), message('E', "\x00\x00\x00\x00\x00"), message('S', ""),
	}, nil)
	for _, c := range []struct {
		name  string
		input engine.Input
		want  string
	}{
		{"a query", engine.Text("SELECT 1;"), "TDCZ"},
		{"an error", engine.Text("SELECT nosuch"), "EZ"},
		{"a message", message('Q', "CREATE TEMP TABLE t (a int)\x00"), "CZ"},
		{"the same session", engine.Text("INSERT INTO t VALUES (1); TABLE t"), "CTDCZ"},
		{"the extended protocol", engine.Bytes(extended), "12DCZ"},
		{"two at once", append(message('Q', "SELECT 1\x00"), message('Q', "SELECT 2\x00")...), "TDCZTDCZ"},
		{"nothing that is answered now", message('P', "x\x00SELECT 1\x00\x00\x00"), ""},
		{"the answer of before", message('S', ""), "1Z"},
		{"COPY in", engine.Text("COPY t FROM STDIN"), "G"},
		{"its data", append(message('d', "5\n"), message('c', "")...), "CZ"},
		{"COPY out", engine.Text("COPY t TO STDOUT"), "HddcCZ"},
		{"an empty query", engine.Text(""), "IZ"},
		{"a part of a message", engine.Bytes("Q\x00\x00\x00\x20SELECT"), "error"},
		{"no message", engine.Bytes("nonsense"), "error"},
		{"after these", engine.Text("TABLE t"), "TDDCZ"},
	} {
		answer, err := db.ExecInteractive(ctx, c.input)
		got := kinds(t, answer)
		if err != nil {
			got += "error"
		}
		if got != c.want {
			t.Errorf("%s: messages %s, %v, want %s", c.name, got, err, c.want)
		}
	}
}

// TestInteractiveModes: Bytes are SQL until UseWire, and One sends all that was poked.
func TestInteractiveModes(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{DataDir: engine.Memory})
	i := db.NewInteractive()
	defer i.Close()
	i.Poke(engine.Bytes("SELECT 1"))
	i.Poke(engine.Text("SELECT 2"))
	if answer, err := i.One(t.Context()); err != nil || kinds(t, answer) != "TDCZTDCZ" {
		t.Errorf("REPL mode: %q, %v", answer, err)
	}
	i.UseWire(true)
	i.Poke(message('Q', "SELECT 3\x00"))
	if answer, err := i.One(t.Context()); err != nil || kinds(t, answer) != "TDCZ" {
		t.Errorf("wire mode: %q, %v", answer, err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := i.One(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestInteractiveClearError: a session whose backend is gone fails until ClearError, and then there is a new one.
func TestInteractiveClearError(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{DataDir: engine.Memory})
	ctx := t.Context()
	exec := func(sql string) (string, error) {
		answer, err := db.ExecInteractive(ctx, engine.Text(sql))
		return kinds(t, answer), err
	}
	if got, err := exec("CREATE TEMP TABLE t ()"); err != nil || got != "CZ" {
		t.Fatalf("%s, %v", got, err)
	}
	if _, err := exec("SELECT pg_terminate_backend(pg_backend_pid())"); !errors.Is(err, engine.ErrSessionLost) {
		t.Errorf("the session that ends itself: %v", err)
	}
	if _, err := exec("SELECT 1"); !errors.Is(err, engine.ErrSessionLost) {
		t.Errorf("before ClearError: %v", err)
	}
	i := db.NewInteractive()
	i.Poke(engine.Text("SELECT 1"))
	if answer, err := i.One(ctx); err != nil || kinds(t, answer) != "TDCZ" {
		t.Errorf("another session: %q, %v", answer, err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	db.ClearInteractiveError()
	if got, err := exec("TABLE t"); err != nil || got != "EZ" {
		t.Errorf("after it the session is new: %s, %v", got, err)
	}
}

// TestModulePath: programs have files, and nothing else has.
func TestModulePath(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{Runtime: enginetest.Runtime(t)}
	name, err := engine.ModulePath(t.Context(), cfg, "postgres")
	if err != nil || !strings.HasSuffix(name, "postgres.wasm") {
		t.Errorf("%s, %v", name, err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
	for _, program := range []string{"nosuch", "../bin/postgres", ""} {
		if name, err := engine.ModulePath(t.Context(), cfg, program); !errors.Is(err, engine.ErrNoProgram) {
			t.Errorf("%q: %s, %v", program, name, err)
		}
	}
}
