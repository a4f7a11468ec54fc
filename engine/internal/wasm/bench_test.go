package wasm

import (
	"strings"
	"testing"
)

// largeModule is about as large as PostgreSQL's: 25,000 functions, 13 MB.
func largeModule(b *testing.B) []byte {
	m := &builder{}
	m.global(1, 65536)
	m.function(b, "hook", nil, nil, nil, "")
	m.function(b, "check_stack_depth", nil, nil, nil, "")
	part := `loop local.get 0 f64.const 2 local.get 1 i32.const 5 i32.lt_s select f64.const 0.5 f64.mul local.set 0
		block local.get 1 i32.const 3 i32.and br_table 0 0 0 0 end
		local.get 1 i32.const 1 i32.add local.tee 1 i32.const 9 i32.lt_s br_if 0 end
		local.get 1 local.get 1 i32.add local.get 1 i32.mul local.set 1 `
	short := strings.Repeat(part, 6)
	for i := range 25_000 {
		code := short
		if i%20 == 0 {
			code += "call 1 "
		}
		m.function(b, "", types("di"), types("i"), types("di"), code+"local.get 1")
	}
	return m.module()
}

func BenchmarkRewrite(b *testing.B) {
	module := largeModule(b)
	for name, o := range map[string]Options{
		"nothing": {},
		"select":  {FixFloatSelect: true},
		"all": {
			FixFloatSelect: true,
			LoopHook:       LoopHook{Function: "hook", Every: 100_000, Batch: 256, CounterExport: "fuel"},
			StackFrames:    StackFrames{Callees: []string{"check_stack_depth"}, Bytes: 256},
			PassiveData:    PassiveData{InitExport: "initialise"},
			ExportGlobals:  []string{"__stack_pointer"},
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(module)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Rewrite(module, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
