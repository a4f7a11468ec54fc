package wasm

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sampleModule has a section of nearly every kind.
func sampleModule(t testing.TB) []byte {
	b := &builder{memories: [][]byte{{1, 1, 2}}, tables: [][]byte{{byte(FuncRef), 0, 2}}, start: []byte{3}, dataCount: true}
	b.importFunction("host", types("i"), types("i"))
	sp := b.global(1, 65536)
	check := b.function(t, "", nil, nil, nil, "global.get 0 call 0 drop")
	b.function(t, "hook", nil, nil, nil, "nop")
	b.function(t, "", nil, nil, types("d"), "call 1 f64.const 1 local.get 0 i32.const 1 select drop")
	b.function(t, "f", types("id"), types("d"), types("ll"), `loop:f64 call 1 local.get 1 f64.const 2 local.get 0 select
		i32.const 4 i32.const 1 i32.atomic.rmw.add 2 0 br_if 0 local.get 0 i32.const 0 call_indirect 0 0 drop
		block local.get 0 br_table 0 0 end end return f64.const -1`)
	b.elements = [][]byte{append(assemble(t, ""), 0, 0x41, 0, 0x0b, 1, 0)}
	b.activeData(8, "data")
	b.data = append(b.data, appendName([]byte{passiveSegment}, "passive"))
	b.nameSection(map[uint32]string{check: "check_stack_depth"}, map[uint32]string{sp: "__stack_pointer"})
	return b.module()
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	padded := []byte(string(moduleHeader) + // integers longer than they need to be
		"\x01\x88\x80\x80\x80\x00\x81\x80\x00\x60\x80\x00\x80\x00" + "\x03\x82\x00\x01\x00" +
		"\x0a\x89\x80\x00\x81\x00\x85\x00\x80\x00\x01\x01\x0b" + "\x00\x03\x01xy")
	modules := map[string][]byte{"sample": sampleModule(t), "empty": moduleHeader, "padded": padded}
	for name, module := range modules {
		t.Run(name, func(t *testing.T) {
			compile(t, module)
			wantIdentity(t, module)
		})
	}
}

func wantIdentity(t testing.TB, module []byte) {
	t.Helper()
	same, err := Rewrite(module, Options{})
	if err != nil || string(same) != string(module) {
		t.Fatalf("the empty rewrite changed the module (%d bytes, then %d), error %v", len(module), len(same), err)
	}
}

// TestMissingSections rewrites modules that lack the sections to change.
func TestMissingSections(t *testing.T) {
	t.Parallel()
	opts := Options{PassiveData: PassiveData{InitExport: "initialise"}}
	customs := append(append([]byte(nil), moduleHeader...), "\x00\x03\x01xy\x00\x05\x04name"...)
	for name, module := range map[string][]byte{"empty": moduleHeader, "custom sections": customs} {
		out := rewrite(t, module, opts)
		if exports, err := Exports(out); err != nil || len(exports) != 1 || exports[0].Name != "initialise" {
			t.Errorf("%s: exports %v, %v", name, exports, err)
		}
	}
	b := &builder{memories: [][]byte{{0, 1}}}
	b.activeData(1, "x")
	b.nameSection(nil, nil)
	out := rewrite(t, b.module(), opts)
	if !strings.HasSuffix(string(out), string(b.trailer)) {
		t.Error("the name section is not last")
	}
}

func TestImportsAndExports(t *testing.T) {
	t.Parallel()
	imports, err := Imports(sampleModule(t))
	if err != nil || len(imports) != 1 {
		t.Fatalf("imports %v, %v", imports, err)
	}
	if i := imports[0]; i.Module != "env" || i.Name != "host" || i.Kind != FunctionKind || i.Function.String() != "(i32) -> (i32)" {
		t.Errorf("import %+v", i)
	}
	exports, err := Exports(sampleModule(t))
	if err != nil || len(exports) != 2 {
		t.Fatalf("exports %v, %v", exports, err)
	}
	if e := exports[1]; e.Name != "f" || e.Index != 4 || e.Function.String() != "(i32 f64) -> (f64)" {
		t.Errorf("export %+v", e)
	}
	names, err := ReadNames(sampleModule(t))
	if err != nil || names.Functions[1] != "check_stack_depth" || names.Globals[0] != "__stack_pointer" {
		t.Errorf("names %v, %v", names, err)
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	header := string(moduleHeader)
	for _, c := range []struct{ name, module, section, problem string }{
		{"nothing", "", "module header", "not a WebAssembly"},
		{"version", "\x00asm\x0d\x00\x01\x00", "module header", "not a WebAssembly"},
		{"section size", header + "\x01\x05\x00", "module", "5 bytes announced, 1 left"},
		{"unknown section", header + "\x0d\x00", "module", "unknown section 13"},
		{"order", header + "\x03\x01\x00\x01\x01\x00", "module", "out of order"},
		{"long integer", header + "\x01\x06\xff\xff\xff\xff\xff\x00", "type section", "does not fit 32 bits"},
		{"vector", header + "\x01\x05\xff\xff\xff\xff\x0f", "type section", "vector of 4294967295 items"},
		{"type", header + "\x01\x02\x01\x5f", "type section", "only function types"},
		{"value type", header + "\x01\x05\x01\x60\x01\x40\x00", "type section", "value type 0x40"},
		{"left over", header + "\x01\x02\x00\x00", "type section", "1 bytes left"},
		{"type index", header + "\x03\x02\x01\x00", "function section", "type index 0 of 0"},
		{"no bodies", header + "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00", "module", "1 functions declared, 0 bodies"},
		{"export", header + "\x07\x05\x01\x01x\x00\x00", "export section", "of which there are 0"},
		{"constant", header + "\x06\x06\x01\x7f\x00\x41\x00\x1a", "global section", "in a constant expression"},
		{"segment", header + "\x0b\x03\x01\x07\x00", "data section", "unknown data segment kind 7"},
	} {
		_, err := Rewrite([]byte(c.module), Options{})
		wantFormatError(t, c.name, err, c.section, c.problem)
	}
}

func wantFormatError(t *testing.T, name string, err error, section, problem string) {
	t.Helper()
	var format *FormatError
	if !errors.As(err, &format) || format.Section != section || !strings.Contains(format.Problem, problem) {
		t.Errorf("%s: %v; want %s: %s", name, err, section, problem)
	}
}

// TestInvalidCode has function bodies of type (i32) -> (i32) that do not
// validate.
func TestInvalidCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, code, problem string }{
		{"missing operand", "i32.add", "operand missing"},
		{"wrong operand", "f64.const 1 i32.eqz", "takes i32, not f64"},
		{"left over", "local.get 0 local.get 0", "1 operands left"},
		{"block hides operands", "local.get 0 block drop end", "operand missing"},
		{"select", "i32.const 1 f64.const 1 local.get 0 select", "select between i32 and f64"},
		{"select of references", "ref.null:funcref ref.null:funcref local.get 0 select ref.is_null", "select between"},
		{"local", "local.get 1", "local 1 of 1"},
		{"global", "global.get 0", "global 0 of 0"},
		{"function", "call 5", "function 5 of 1"},
		{"label", "local.get 0 br 1", "label 1 of 1"},
		{"else", "local.get 0 block else end", "else without if"},
		{"if without else", "local.get 0 if:i32 i32.const 1 end", "without else changes"},
		{"table of labels", "i32.const 1 block local.get 0 br_table 0 1 end", "0 and 1 operands"},
		{"after the end", "local.get 0 end local.get 0", "after the end"},
		{"memory", "local.get 0 i32.load 2 0", "without memory"},
		{"unknown block type", "local.get 0 block:9 end", "block type 9"},
	} {
		b := &builder{}
		b.function(t, "f", types("i"), types("i"), nil, c.code)
		if err := tryCompile(b.module()); err == nil {
			t.Errorf("%s: wazero accepts the module", c.name)
		}
		_, err := Rewrite(b.module(), Options{})
		wantFormatError(t, c.name, err, "code section", c.problem)
	}
}

// TestDamaged cuts a module short and changes single bytes.
func TestDamaged(t *testing.T) {
	t.Parallel()
	module := sampleModule(t)
	opts := allOptions()["together"]
	opts.StackFrames.Callees = []string{"check_stack_depth"}
	opts.PassiveData.InitExport = "initialise"
	rewrite(t, module, opts)
	valid := 0
	for i := range module {
		_, _ = Rewrite(module[:i], opts)
		for _, b := range []byte{0x00, 0x01, 0x7f, 0x80, 0xff, module[i] ^ 0x10} {
			damaged := append([]byte(nil), module...)
			damaged[i] = b
			if checkRewrite(t, damaged, opts) {
				valid++
			}
		}
	}
	if valid < len(module)/10 {
		t.Errorf("only %d damaged modules could be rewritten", valid)
	}
}

// checkRewrite fails if a module that wazero accepts turns into one that it
// does not. It reports whether the module was both valid and rewritten.
func checkRewrite(t testing.TB, module []byte, opts Options) bool {
	t.Helper()
	out, err := Rewrite(module, opts)
	if err != nil || tryCompile(module) != nil {
		return false
	}
	if err := tryCompile(out); err != nil {
		t.Errorf("%x became invalid: %v", module, err)
	}
	return true
}
