package wasm

import (
	"context"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

func dataModule(t testing.TB, contents ...string) []byte {
	b := &builder{memories: [][]byte{{0, 1}}}
	b.function(t, "peek", types("i"), types("i"), nil, "local.get 0 i32.load8_u 0 0")
	for i, content := range contents {
		b.activeData(uint32(100+2*i), content)
	}
	return b.module()
}

// bytesAt reads guest memory around the segments.
func bytesAt(t testing.TB, m api.Module) string {
	t.Helper()
	b, ok := m.Memory().Read(96, 64)
	if !ok {
		t.Fatal("memory too small")
	}
	return string(b)
}

func callInit(m api.Module, name string) error {
	_, err := m.ExportedFunction(name).Call(context.Background())
	return err
}

func TestPassiveData(t *testing.T) {
	t.Parallel()
	for _, contents := range [][]string{nil, {"abc"}, {"overlapping", "segments", "", "x"}} {
		module := dataModule(t, contents...)
		passive := rewrite(t, module, Options{PassiveData: PassiveData{InitExport: "initialise"}})
		want := bytesAt(t, instantiate(t, "interpreter", module, nil))
		forEachEngine(t, func(t *testing.T, engine string) {
			m := instantiate(t, engine, passive, nil)
			if got := bytesAt(t, m); got != strings.Repeat("\x00", len(got)) {
				t.Errorf("memory %q after instantiation", got)
			}
			for range 2 { // the segments are not dropped
				m.Memory().Write(96, []byte(strings.Repeat("\x00", 64)))
				if err := callInit(m, "initialise"); err != nil {
					t.Fatal(err)
				}
				if got := bytesAt(t, m); got != want {
					t.Errorf("memory %q, originally %q", got, want)
				}
			}
		})
	}
}

// TestPassiveDataKeepsPassive has a passive segment with code that uses it,
// a data count section and a start function.
func TestPassiveDataKeepsPassive(t *testing.T) {
	t.Parallel()
	b := &builder{memories: [][]byte{{0, 1}}, dataCount: true, start: []byte{0}}
	b.function(t, "", nil, nil, nil, "i32.const 120 i32.const 0 i32.const 3 memory.init 1 0")
	b.activeData(100, "active")
	b.data = append(b.data, appendName([]byte{passiveSegment}, "pas"))
	b.activeData(110, "last")
	module := b.module()
	compile(t, module)
	passive := rewrite(t, module, Options{PassiveData: PassiveData{InitExport: "initialise"}})
	m := instantiate(t, "interpreter", passive, nil)
	if got := bytesAt(t, m); strings.Trim(got, "\x00") != "pas" {
		t.Errorf("memory %q after instantiation", got)
	}
	if err := callInit(m, "initialise"); err != nil {
		t.Fatal(err)
	}
	if got, want := bytesAt(t, m), bytesAt(t, instantiate(t, "interpreter", module, nil)); got != want {
		t.Errorf("memory %q, originally %q", got, want)
	}
}

func TestPassiveDataErrors(t *testing.T) {
	t.Parallel()
	_, err := Rewrite(dataModule(t, "x"), Options{PassiveData: PassiveData{InitExport: "peek"}})
	if err == nil || !strings.Contains(err.Error(), `"peek"`) {
		t.Errorf("error %v", err)
	}
	out := &builder{memories: [][]byte{{0, 1}}}
	out.activeData(1<<16-1, "too long")
	passive := rewrite(t, out.module(), Options{PassiveData: PassiveData{InitExport: "initialise"}})
	if err := callInit(instantiate(t, "interpreter", passive, nil), "initialise"); err == nil {
		t.Error("a segment outside memory did not trap")
	}
}
