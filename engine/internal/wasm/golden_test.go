package wasm

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/golden anew")

// TestGolden compares the code that each rewrite makes with testdata/golden.
func TestGolden(t *testing.T) {
	t.Parallel()
	frame := frameModule(t, "i", "i", "", "call 1 block i32.const 4 local.get 0 br_if 1 drop end i32.const 5 return")
	for name, c := range map[string]struct {
		module []byte
		opts   Options
	}{
		"select": {sampleModule(t), Options{FixFloatSelect: true}},
		"loop":   {loopModule(t, "iii", loopCases[1].code), Options{LoopHook: LoopHook{Function: "hook", Every: 1000, Batch: 256}, NoHook: []string{"quiet"}}},
		"frame":  {frame, Options{StackFrames: StackFrames{Callees: []string{"check_stack_depth"}, Bytes: 256}}},
		"data":   {dataModule(t, "first", "second"), Options{PassiveData: PassiveData{InitExport: "initialise"}}},
		"global": {frame, Options{ExportGlobals: []string{"__stack_pointer"}}},
		"all":    {sampleModule(t), fuzzOptions(0x5f)},
	} {
		t.Run(name, func(t *testing.T) {
			got := describe(t, rewrite(t, c.module, c.opts))
			path := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := strings.ReplaceAll(string(readFile(t, path)), "\r\n", "\n")
			if got != want {
				t.Errorf("%s differs (go test -update writes it anew); got:\n%s", path, got)
			}
		})
	}
}

// describe lists exports, data segments and functions of a module.
func describe(t *testing.T, module []byte) string {
	t.Helper()
	m, err := parse(module)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, s := range m.sections {
		fmt.Fprintf(&out, "%s %s\n", sectionNames[s.id], s.name)
	}
	for _, e := range m.exports {
		fmt.Fprintf(&out, "export %q %v %d\n", e.Name, e.Kind, e.Index)
	}
	for _, s := range m.segments {
		fmt.Fprintf(&out, "data segment kind %d: % x\n", s.kind, module[s.init:s.end])
	}
	v := newValidator(m)
	for i := range m.bodies {
		v.begin(i)
		fmt.Fprintf(&out, "function %d %v, with locals %v\n", m.importedFuncs+i, m.functionType(uint32(m.importedFuncs+i)), v.locals)
		for {
			open := len(v.labels)
			if !v.next() {
				break
			}
			depth := min(open, len(v.labels))
			fmt.Fprintf(&out, "%s%s\n", strings.Repeat("  ", depth), v.describe())
		}
		if v.err != nil {
			t.Fatal(v.err)
		}
	}
	return out.String()
}

// describe writes the last instruction with its immediates in hexadecimal.
func (v *validator) describe() string {
	name := fmt.Sprintf("opcode %#x", uint16(v.in.op))
	for n, op := range mnemonics {
		if op == v.in.op {
			name = n
		}
	}
	length := 1
	if v.in.op > 0xff {
		length = 2 // numbers below 128
	}
	return strings.TrimSpace(fmt.Sprintf("%s % x", name, v.data[v.in.start+length:v.in.end]))
}
