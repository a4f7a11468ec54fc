package machine

import (
	"fmt"
	"slices"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// RewriteVersion changes when Rewrite's output does: it is part of the name of what is cached.
const RewriteVersion = "6"

// guardFrame is how much linear-memory stack each function that checks its depth takes besides its own: wazero's limit
// of 50 MB of native stack lasts for max_stack_depth of 2 MiB when a round of the recursion takes less than 25 times
// that.
const guardFrame = 512

// guards are the functions that tell a recursion how deep it is; their callers get the frame. subre is the regular
// expression parser's, whose recursive functions leave the check to it.
var guards = []string{"check_stack_depth", "stack_is_too_deep", "subre"}

// Rewrite prepares a module of the runtime: wazero's float select bug is avoided, loops look at the host, recursion
// shows on the stack that PostgreSQL measures, data is written on demand so that a fork does not write it. A module
// whose loops cannot look at the host is an error.
func Rewrite(module []byte) ([]byte, error) { return rewriteBy(module, rewrites) }

// RewriteForC prepares a module of the runtime as Rewrite does, but for a translator that counts the rounds of loops
// itself and selects floats rightly.
func RewriteForC(module []byte) ([]byte, error) {
	return rewriteBy(module, func(functions []string) wasm.Options {
		options := rewrites(functions)
		options.FixFloatSelect, options.LoopHook, options.NoHook = false, wasm.LoopHook{}, nil
		return options
	})
}

func rewriteBy(module []byte, options func(functions []string) wasm.Options) ([]byte, error) {
	exports, err := wasm.Exports(module)
	if err != nil {
		return nil, err
	}
	names, err := wasm.ReadNames(module)
	if err != nil {
		return nil, err
	}
	var functions []string
	for _, name := range names.Functions {
		functions = append(functions, name)
	}
	if !slices.ContainsFunc(exports, func(e wasm.Export) bool { return e.Name == TickExport }) {
		return nil, fmt.Errorf("the module does not export %s, without which its loops would stop the program around "+
			"it: it is not one of this runtime's", TickExport)
	}
	return wasm.Rewrite(module, options(functions))
}

// NoHook are functions whose loops do not look at the host: those that run while it is looked at, and those of setjmp.
var NoHook = []string{"saveSetjmp", "testSetjmp", "setThrew", "pglite_dispatch", "run", "tick_slow"}

// MinRounds is how many rounds of loops go by before the first look at the host.
const MinRounds = minRounds

// rewrites chooses what is done to a module with functions of these names.
func rewrites(functions []string) wasm.Options {
	options := wasm.Options{
		FixFloatSelect: true,
		PassiveData:    wasm.PassiveData{InitExport: InitExport},
		ExportGlobals:  []string{StackExport},
		NoHook:         []string{"saveSetjmp", "testSetjmp", ThrewExport, "pglite_dispatch", "run", "tick_slow"},
		LoopHook: wasm.LoopHook{
			Function: TickExport, Every: minRounds, Batch: BatchRounds,
			CounterExport: RoundsExport,
		},
	}
	for _, guard := range guards {
		if slices.Contains(functions, guard) {
			options.StackFrames.Callees = append(options.StackFrames.Callees, guard)
			options.StackFrames.Bytes = guardFrame
		}
	}
	return options
}
