package wasm

import (
	"errors"
	"fmt"
)

// StackFrames makes every function that directly calls one of the Callees
// take Bytes of the stack in linear memory for as long as it runs. PostgreSQL's
// check_stack_depth() measures that stack, but compilers keep most locals of
// WebAssembly elsewhere, where only the runtime sees them.
//
// The stack pointer is the global "__stack_pointer" (see
// Options.ExportGlobals). The Callees themselves get no frame, nor do
// functions with tail calls, which leave without passing their end.
type StackFrames struct {
	// Callees are names of functions, by export or name section; each must be
	// in the module. Empty: no frames.
	Callees []string

	// Bytes is the size of a frame, a multiple of 16 as the C ABI wants.
	Bytes uint32
}

// frameCode is the code of frames: the block type of each function that has
// one, by defined function.
type frameCode struct {
	blockTypes   map[int][]byte
	stackPointer uint32
	bytes        uint32
}

const maxFrame = 1 << 20

func (p *plan) addFrames(opts Options) error {
	o := opts.StackFrames
	if len(o.Callees) == 0 {
		return nil
	}
	if o.Bytes == 0 || o.Bytes%16 != 0 || o.Bytes > maxFrame {
		return fmt.Errorf("wasm: StackFrames.Bytes is %d; it must be a multiple of 16, at most %d", o.Bytes, maxFrame)
	}
	callees := map[uint32]bool{}
	for _, name := range o.Callees {
		functions := p.m.functionsNamed(name, p.names)
		if len(functions) == 0 {
			return fmt.Errorf("wasm: stack frames for callers of %q: the module has no function of that name", name)
		}
		for _, f := range functions {
			callees[f] = true
		}
	}
	sp, err := p.m.global(stackPointer, p.names)
	if err != nil {
		return err
	}
	if p.m.globals[sp] != (GlobalType{I32, true}) {
		return errors.New("wasm: stack frames: the stack pointer is no mutable i32")
	}
	p.edits.frames = &frameCode{stackPointer: sp, bytes: o.Bytes}
	return p.findCallers(callees)
}

// findCallers fills in the block types of all functions that get a frame.
func (p *plan) findCallers(callees map[uint32]bool) error {
	callers := make([]bool, len(p.m.bodies))
	err := p.m.forEachBatch(func(v *validator, _, from, to int) error {
		for i := from; i < to; i++ {
			v.begin(i)
			callers[i] = v.callsAny(callees) && !callees[uint32(p.m.importedFuncs+i)]
			if v.err != nil {
				return v.err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.edits.frames.blockTypes = map[int][]byte{}
	for i, calls := range callers {
		if calls {
			t := p.m.functionType(uint32(p.m.importedFuncs + i))
			p.edits.frames.blockTypes[i] = p.blockType(t.Results)
		}
	}
	return nil
}

// callsAny reports whether the body has a call of one of the callees and no
// tail call. It only decodes, since rewriting validates.
func (v *validator) callsAny(callees map[uint32]bool) (calls bool) {
	for v.more() && v.err == nil {
		v.decode(&v.in)
		switch v.in.op {
		case opCall:
			calls = calls || callees[v.in.index]
		case opReturnCall, opReturnCallIndirect:
			return false
		}
	}
	return calls
}

// blockType encodes the type of a block without parameters.
func (p *plan) blockType(results []ValueType) []byte {
	switch len(results) {
	case 0:
		return []byte{emptyBlockType}
	case 1:
		return []byte{byte(results[0])}
	}
	return appendS32(nil, int32(p.typeIndex(FunctionType{Results: results})))
}

// open starts a frame if the function gets one: the stack pointer goes down,
// and a block around the body catches all ways out.
func (c *frameCode) open(w *bodyRewriter, defined int) bool {
	if c == nil || c.blockTypes[defined] == nil {
		return false
	}
	code := c.moveStackPointer(w.edit(), opI32Sub)
	w.code = append(append(code, byte(opBlock)), c.blockTypes[defined]...)
	return true
}

// close gives the frame back after the body's end, which now ends the block.
func (c *frameCode) close(w *bodyRewriter) {
	w.copyUntil(w.in.end)
	w.code = append(c.moveStackPointer(w.edit(), opI32Add), byte(opEnd))
}

func (c *frameCode) moveStackPointer(code []byte, op opcode) []byte {
	code = appendIndexed(code, opGlobalGet, c.stackPointer)
	code = append(appendI32Const(code, c.bytes), byte(op))
	return appendIndexed(code, opGlobalSet, c.stackPointer)
}

// returnToFrame replaces the return just validated by a branch to the frame's
// block. That block has taken the place of the function body as outermost
// label, so branches to it need no change.
func (w *bodyRewriter) returnToFrame() {
	w.copyUntil(w.in.start)
	w.dropUntil(w.in.end)
	w.code = appendIndexed(w.edit(), opBr, uint32(len(w.labels)-1))
}
