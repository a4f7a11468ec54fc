package wasm

// This file validates select and the instructions on locals, globals and
// tables.

// selectOperand notes the selected type, if one of the operands tells it.
func (v *validator) selectOperand() {
	v.pop(I32)
	if v.in.op == opSelectTyped {
		v.pop(v.in.value)
		v.pop(v.in.value)
		v.selected = v.in.value
		v.push(v.in.value)
		return
	}
	t := v.popAny()
	u := v.popAny()
	if t == unknown {
		t = u
	}
	if u != unknown && u != t || t.isReference() {
		v.fail(v.in.start, "select between %v and %v", u, t)
		return
	}
	v.selected = t
	v.push(t)
}

func (v *validator) local() {
	if uint64(v.in.index) >= uint64(len(v.locals)) {
		v.fail(v.in.start, "local %d of %d", v.in.index, len(v.locals))
		return
	}
	t := v.locals[v.in.index]
	if v.in.op != opLocalGet {
		v.pop(t)
	}
	if v.in.op != opLocalSet {
		v.push(t)
	}
}

func (v *validator) global() {
	if uint64(v.in.index) >= uint64(len(v.m.globals)) {
		v.fail(v.in.start, "global %d of %d", v.in.index, len(v.m.globals))
		return
	}
	g := v.m.globals[v.in.index]
	if v.in.op == opGlobalGet {
		v.push(g.Value)
		return
	}
	if !g.Mutable {
		v.fail(v.in.start, "global.set of the immutable global %d", v.in.index)
	}
	v.pop(g.Value)
}

func (v *validator) table() {
	if uint64(v.in.index) >= uint64(len(v.m.tables)) {
		v.fail(v.in.start, "table %d of %d", v.in.index, len(v.m.tables))
		return
	}
	t := v.m.tables[v.in.index]
	switch v.in.op {
	case opTableGet:
		v.pop(I32)
		v.push(t)
	case opTableSet:
		v.pop(t)
		v.pop(I32)
	case opTableGrow:
		v.pop(I32)
		v.pop(t)
		v.push(I32)
	case opTableFill:
		v.pop(I32)
		v.pop(t)
		v.pop(I32)
	}
}
