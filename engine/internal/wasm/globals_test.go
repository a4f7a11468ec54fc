package wasm

import (
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

func TestExportGlobals(t *testing.T) {
	t.Parallel()
	named := &builder{}
	named.global(0, 7)
	named.global(1, 4096)
	named.nameSection(nil, map[uint32]string{0: "seven", 1: "__stack_pointer"})
	nameless := &builder{}
	nameless.global(1, 4096)
	exported := &builder{}
	exported.global(1, 4096)
	exported.export("__stack_pointer", GlobalKind, 0)
	for name, b := range map[string]*builder{"named": named, "nameless": nameless, "exported": exported} {
		out := rewrite(t, b.module(), Options{ExportGlobals: []string{"__stack_pointer"}})
		g, ok := instantiate(t, "interpreter", out, nil).ExportedGlobal("__stack_pointer").(api.MutableGlobal)
		if !ok || g.Get() != 4096 {
			t.Errorf("%s: no stack pointer", name)
		}
	}
	if out := rewrite(t, exported.module(), Options{ExportGlobals: []string{"__stack_pointer"}}); string(out) != string(exported.module()) {
		t.Error("a global was exported twice")
	}
}

func TestExportGlobalsErrors(t *testing.T) {
	t.Parallel()
	other := &builder{}
	other.global(1, 1)
	other.nameSection(nil, map[uint32]string{0: "other", 9: "outside"})
	constant := &builder{}
	constant.global(0, 1)
	taken := &builder{}
	taken.global(1, 1)
	taken.function(t, "__stack_pointer", nil, nil, nil, "")
	for name, c := range map[string]struct {
		b    *builder
		want string
	}{
		"__stack_pointer": {other, "no global"}, "outside": {other, "no global"}, "absent": {constant, "no global"},
	} {
		if _, err := Rewrite(c.b.module(), Options{ExportGlobals: []string{name}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]*builder{"constant": constant, "taken": taken} {
		if _, err := Rewrite(b.module(), Options{ExportGlobals: []string{"__stack_pointer"}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
