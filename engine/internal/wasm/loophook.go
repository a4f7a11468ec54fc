package wasm

import (
	"fmt"
	"math"
	"slices"
)

// LoopHook makes loops call a function of the module now and then, so that
// long-running code comes back to its host. A counter, a new global, goes
// down by one at the start of each iteration of a loop; at zero or below it is
// set to Every and Function is called, with the iteration's operands untouched.
type LoopHook struct {
	// Function is the hook: a function without parameters and results, by
	// export name or else by the name section. Empty: no hook. Its own loops
	// do not count.
	Function string

	// Every is the number of loop iterations from one call to the next, below
	// 2^31.
	Every uint32

	// Batch, a power of two below 2^31, is for innermost loops without calls,
	// where the global would cost most: they count their iterations in a local
	// of the function, which takes them off the global so many at a time. What
	// is left of a batch when the function returns is not counted. 0 is 1.
	Batch uint32

	// CounterExport, if not empty, exports the counter under this name, so
	// that the host can read and set it.
	CounterExport string
}

// loopCode is the code for the start of loops.
type loopCode struct {
	function, counter, every, batch uint32
	exempt                          map[uint32]bool // functions without it
	firstDefined                    int
}

// openLoop is a loop whose end has not been read.
type openLoop struct {
	depth int  // labels, its own included
	begin int  // where its first instruction is in the new code
	busy  bool // there is a call or a loop in it
}

func (p *plan) hookLoops(opts Options) error {
	o := opts.LoopHook
	if o.Function == "" {
		return nil
	}
	if o.Every == 0 || o.Every > math.MaxInt32 {
		return fmt.Errorf("wasm: LoopHook.Every is %d; set the number of loop iterations between calls, 1 to %d",
			o.Every, math.MaxInt32)
	}
	batch := max(o.Batch, 1)
	if batch&(batch-1) != 0 || batch > math.MaxInt32 {
		return fmt.Errorf("wasm: LoopHook.Batch is %d; it must be a power of two below 2^31", batch)
	}
	hook, err := p.hookFunction(o.Function)
	if err != nil {
		return err
	}
	code := &loopCode{function: hook, every: o.Every, batch: batch, firstDefined: p.m.importedFuncs}
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
		return 0, fmt.Errorf("wasm: loop hook %q: the module has %d functions of that name; export the one that is "+
			"meant", name, len(candidates))
	}
	if t := p.m.functionType(candidates[0]); !t.Equal(FunctionType{}) {
		return 0, fmt.Errorf("wasm: loop hook %q has the type %v; it must take and return nothing", name, t)
	}
	return candidates[0], nil
}

// open notes the loop just validated.
func (c *loopCode) open(w *bodyRewriter, defined int) {
	if c == nil || c.exempt[uint32(c.firstDefined+defined)] {
		return
	}
	c.call(w)
	w.copyUntil(w.in.end)
	w.loops = append(w.loops, openLoop{depth: len(w.labels), begin: len(w.code)})
}

// call notes that the innermost open loop has more in it than instructions.
func (c *loopCode) call(w *bodyRewriter) {
	if n := len(w.loops); n > 0 {
		w.loops[n-1].busy = true
	}
}

// close adds the hook to the loop that the end just validated belongs to, if
// it does.
func (c *loopCode) close(w *bodyRewriter) {
	last := len(w.loops) - 1
	if last < 0 || w.loops[last].depth != len(w.labels)+1 {
		return
	}
	l := w.loops[last]
	w.loops = w.loops[:last]
	var code []byte
	if l.busy || c.batch == 1 {
		code = c.countdown(w, nil, 1)
	} else {
		code = c.batched(w)
	}
	w.copyUntil(w.in.end)
	w.code = slices.Insert(w.edit(), l.begin, code...)
}

// countdown takes n from the counter, and calls the hook when it has run out.
// The counter is kept in a scratch local between its uses: wazero loads a
// global anew for each global.get.
func (c *loopCode) countdown(w *bodyRewriter, code []byte, n uint32) []byte {
	count := w.scratchIndex(scratchI32)
	code = appendIndexed(code, opGlobalGet, c.counter)
	code = append(appendI32Const(code, n), byte(opI32Sub))
	code = appendIndexed(code, opLocalTee, count)
	code = appendIndexed(code, opGlobalSet, c.counter)
	code = appendIndexed(code, opLocalGet, count)
	code = append(appendI32Const(code, 1), byte(opI32LtS), byte(opIf), emptyBlockType)
	code = appendIndexed(appendI32Const(code, c.every), opGlobalSet, c.counter)
	code = appendIndexed(code, opCall, c.function)
	return append(code, byte(opEnd))
}

// batched counts in a local, which stays in a register, and takes a whole
// batch from the counter.
func (c *loopCode) batched(w *bodyRewriter) []byte {
	rounds := w.scratchIndex(scratchRounds)
	code := appendIndexed(nil, opLocalGet, rounds)
	code = append(appendI32Const(code, 1), byte(opI32Add))
	code = appendIndexed(code, opLocalTee, rounds)
	code = append(appendI32Const(code, c.batch-1), byte(opI32And))
	code = append(code, byte(opI32Eqz), byte(opIf), emptyBlockType)
	return append(c.countdown(w, code, c.batch), byte(opEnd))
}
