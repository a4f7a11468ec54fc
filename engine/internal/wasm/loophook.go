package wasm

import (
	"errors"
	"fmt"
)

// LoopHook makes loops call a function of the module now and then, so that
// long-running code comes back to its host. A counter, a new global, goes
// down by one at the start of each iteration of any loop; at zero it is set to
// Every and Function is called, with the iteration's operands untouched.
type LoopHook struct {
	// Function is the hook: a function without parameters and results, by
	// export name or else by the name section. Empty: no hook. Its own loops
	// do not count.
	Function string

	// Every is the number of loop iterations from one call to the next.
	Every uint32

	// CounterExport, if not empty, exports the counter under this name, so
	// that the host can read and set it.
	CounterExport string
}

// loopCode is the code for the start of loops.
type loopCode struct {
	function, counter, every uint32
	exempt                   map[uint32]bool // functions without it
	firstDefined             int
}

func (p *plan) hookLoops(opts Options) error {
	o := opts.LoopHook
	if o.Function == "" {
		return nil
	}
	if o.Every == 0 {
		return errors.New("wasm: LoopHook.Every is 0; set the number of loop iterations between calls")
	}
	hook, err := p.hookFunction(o.Function)
	if err != nil {
		return err
	}
	code := &loopCode{function: hook, every: o.Every, firstDefined: p.m.importedFuncs}
	code.exempt = map[uint32]bool{hook: true}
	for _, name := range opts.NoHook {
		for _, f := range p.m.functionsNamed(name, p.names) {
			code.exempt[f] = true
		}
	}
	code.counter = p.addCounter(o.Every)
	p.edits.hook = code
	if o.CounterExport == "" {
		return nil
	}
	return p.addExport(o.CounterExport, GlobalKind, code.counter)
}

func (p *plan) hookFunction(name string) (uint32, error) {
	var candidates []uint32
	if e, ok := p.m.export(name); ok && e.Kind == FunctionKind {
		candidates = []uint32{e.Index}
	} else {
		candidates = p.m.functionsNamed(name, p.names)
	}
	if len(candidates) != 1 {
		return 0, fmt.Errorf("wasm: loop hook %q: the module has %d functions of that name; export the one that is meant", name, len(candidates))
	}
	if t := p.m.functionType(candidates[0]); !t.Equal(FunctionType{}) {
		return 0, fmt.Errorf("wasm: loop hook %q has the type %v; it must take and return nothing", name, t)
	}
	return candidates[0], nil
}

// insert adds the hook at the start of the loop just validated. The counter
// is kept in a scratch local between its uses: wazero loads a global anew for
// each global.get.
func (c *loopCode) insert(w *bodyRewriter, defined int) {
	if c == nil || c.exempt[uint32(c.firstDefined+defined)] {
		return
	}
	w.copyUntil(w.in.end)
	count := w.scratchIndex(scratchI32)
	code := appendIndexed(w.edit(), opGlobalGet, c.counter)
	code = append(appendI32Const(code, 1), byte(opI32Sub))
	code = appendIndexed(code, opLocalTee, count)
	code = appendIndexed(code, opGlobalSet, c.counter)
	code = appendIndexed(code, opLocalGet, count)
	code = append(code, byte(opI32Eqz), byte(opIf), emptyBlockType)
	code = appendIndexed(appendI32Const(code, c.every), opGlobalSet, c.counter)
	code = appendIndexed(code, opCall, c.function)
	w.code = append(code, byte(opEnd))
}
