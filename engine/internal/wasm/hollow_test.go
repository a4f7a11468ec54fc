package wasm

import (
	"bytes"
	"context"
	"testing"
)

// TestHollow compares the hollow module with the whole one that has the mark: all but the code is the same, and each
// body traps.
func TestHollow(t *testing.T) {
	t.Parallel()
	module := sampleModule(t)
	whole := rewrite(t, module, Options{Mark: "mark"})
	hollow, err := Hollow(module, "mark", "")
	if err != nil {
		t.Fatal(err)
	}
	compile(t, hollow)
	a, err := parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parse(hollow)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.sections) != len(a.sections)+1 || len(b.bodies) != len(a.bodies) || len(b.bodies) == 0 {
		t.Fatalf("%d sections and %d bodies, the whole module has %d and %d", len(b.sections), len(b.bodies), len(a.sections), len(a.bodies))
	}
	for i, s := range a.sections {
		if h := b.sections[i]; s.id != h.id || s.id != codeSection && !bytes.Equal(a.data[s.start:s.end], b.data[h.start:h.end]) {
			t.Errorf("section %d, of identifier %d and %d, differs", i, s.id, h.id)
		}
	}
	for _, body := range b.bodies {
		if code := b.data[body.locals:body.end]; !bytes.Equal(code, []byte{0, byte(opUnreachable), byte(opEnd)}) {
			t.Fatalf("the body %x does not trap", code)
		}
	}
}

// TestMark tells the whole module from the hollow one.
func TestMark(t *testing.T) {
	t.Parallel()
	module := dataModule(t, "a")
	hollow, err := Hollow(module, "mark", "")
	if err != nil {
		t.Fatal(err)
	}
	whole := rewrite(t, module, Options{Mark: "mark"})
	forEachEngine(t, func(t *testing.T, engine string) {
		for _, c := range []struct {
			module []byte
			traps  bool
		}{{whole, false}, {hollow, true}} {
			if _, err := instantiate(t, engine, c.module, nil).ExportedFunction("mark").Call(context.Background()); (err != nil) != c.traps {
				t.Errorf("got error %v, want one: %v", err, c.traps)
			}
		}
	})
	if _, err := Hollow(module, "peek", ""); err == nil {
		t.Error("the mark took the place of another export")
	}
}

// TestHollowTellsCodeApart: two modules that differ in their code alone have different hollow ones, and so has one of
// two compilers.
func TestHollowTellsCodeApart(t *testing.T) {
	t.Parallel()
	sums := map[string]bool{}
	for _, c := range []struct{ code, compiler string }{{"i32.const 1", "a"}, {"i32.const 2", "a"}, {"i32.const 1", "b"}} {
		b := &builder{}
		b.function(t, "f", nil, types("i"), nil, c.code)
		hollow, err := Hollow(b.module(), "mark", c.compiler)
		if err != nil {
			t.Fatal(err)
		}
		sums[string(HollowSum(hollow))] = true
	}
	if len(sums) != 3 {
		t.Errorf("there are %d different ones of 3", len(sums))
	}
}
