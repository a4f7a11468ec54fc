package machine

import (
	"slices"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// RewriteVersion changes when Rewrite's output does: it is part of the name of what is cached.
const RewriteVersion = "4"

// guardFrame is how much linear-memory stack each function that checks its depth takes besides its own: wazero's limit of 50 MB
// of native stack lasts for max_stack_depth of 2 MiB when a round of the recursion takes less than 25 times that.
const guardFrame = 512

// guards are the functions that tell a recursion how deep it is; their callers get the frame. subre is the regular expression
// parser's, whose recursive functions leave the check to it.
var guards = []string{"check_stack_depth", "stack_is_too_deep", "subre"}

// Rewrite prepares a module of the runtime: wazero's float select bug is avoided, loops look at the host, recursion
// shows on the stack that PostgreSQL measures, data is written on demand so that a fork does not write it.
func Rewrite(module []byte) ([]byte, error) {
	exports, err := wasm.Exports(module)
	if err != nil {
		return nil, err
	}
	options := wasm.Options{
		FixFloatSelect: true,
		PassiveData:    wasm.PassiveData{InitExport: initExport},
		ExportGlobals:  []string{stackExport},
		NoHook:         []string{"saveSetjmp", "testSetjmp", "setThrew", "pglite_dispatch", "run", "tick_slow"},
	}
	for _, e := range exports {
		if e.Name == tickExport {
			options.LoopHook = wasm.LoopHook{Function: tickExport, Every: minRounds, CounterExport: roundsExport}
		}
	}
	names, err := wasm.ReadNames(module)
	if err != nil {
		return nil, err
	}
	for _, name := range names.Functions {
		if slices.Contains(guards, name) && !slices.Contains(options.StackFrames.Callees, name) {
			options.StackFrames.Callees = append(options.StackFrames.Callees, name)
			options.StackFrames.Bytes = guardFrame
		}
	}
	return wasm.Rewrite(module, options)
}
