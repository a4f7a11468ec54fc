package wasm

// bodyRewriter applies edits to one function body after the other. It belongs
// to one goroutine.
type bodyRewriter struct {
	*validator
	edits   edits
	changed bool // any body so far

	code    []byte // the new instructions of this body
	copied  int    // up to where the module's bytes are in code
	edited  bool   // this body
	scratch [len(scratchTypes)]scratchLocal
	loops   []openLoop
}

// scratchLocal is a local that is added to a function when first needed.
type scratchLocal struct {
	used  bool
	index uint32
}

// Kinds of scratch locals. Only in scratchRounds a value stays from one
// inserted sequence to the next.
const (
	scratchI32     = iota // a condition or count
	scratchF32Bits        // an f32's bits
	scratchF64Bits        // an f64's bits
	scratchRounds         // the iterations of innermost loops
)

var scratchTypes = [...]ValueType{scratchI32: I32, scratchF32Bits: I32, scratchF64Bits: I64, scratchRounds: I32}

// rewrite appends the function body with its size to out. A body without
// edits is copied as it is.
func (w *bodyRewriter) rewrite(out []byte, defined int) ([]byte, error) {
	w.begin(defined)
	w.code, w.copied, w.edited = w.code[:0], w.codeAt, false
	w.scratch, w.loops = [len(scratchTypes)]scratchLocal{}, w.loops[:0]
	framed := w.edits.frames.open(w, defined)
	for w.next() {
		switch w.in.op {
		case opSelect, opSelectTyped:
			if w.edits.fixFloatSelect {
				w.fixSelect()
			}
		case opLoop:
			w.edits.hook.open(w, defined)
		case opCall, opCallIndirect, opReturnCall, opReturnCallIndirect:
			w.edits.hook.call(w)
		case opEnd:
			w.edits.hook.close(w)
		case opReturn:
			if framed {
				w.returnToFrame()
			}
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	if framed {
		w.edits.frames.close(w)
	}
	b := w.m.bodies[defined]
	if !w.edited {
		return append(out, w.m.data[b.start:b.end]...), nil
	}
	w.changed = true
	w.copyUntil(b.end)
	return w.appendBody(out), nil
}

// appendBody appends the size, the local declarations and the code.
func (w *bodyRewriter) appendBody(out []byte) []byte {
	groups := w.groups
	var locals []byte
	for at := len(w.locals); at < len(w.locals)+len(w.scratch); at++ {
		for kind, s := range w.scratch {
			if s.used && s.index == uint32(at) {
				groups++
				locals = append(locals, 1, byte(scratchTypes[kind]))
			}
		}
	}
	count := appendU32(nil, groups)
	declared := w.m.data[w.groupsAt:w.codeAt]
	out = appendU32(out, uint32(len(count)+len(declared)+len(locals)+len(w.code)))
	out = append(append(append(out, count...), declared...), locals...)
	return append(out, w.code...)
}

// copyUntil copies the module's bytes up to the offset.
func (w *bodyRewriter) copyUntil(offset int) {
	w.code = append(w.code, w.m.data[w.copied:offset]...)
	w.copied = offset
}

// dropUntil leaves out the module's bytes up to the offset.
func (w *bodyRewriter) dropUntil(offset int) { w.copied = offset }

// edit marks the body as changed, and returns the new code so far for a
// sequence to be appended.
func (w *bodyRewriter) edit() []byte {
	w.edited = true
	return w.code
}

// scratchIndex returns the index of a scratch local, which it adds if needed.
func (w *bodyRewriter) scratchIndex(kind int) uint32 {
	s := &w.scratch[kind]
	if !s.used {
		index := len(w.locals)
		for _, other := range w.scratch {
			if other.used {
				index++
			}
		}
		*s = scratchLocal{used: true, index: uint32(index)}
	}
	return s.index
}
