package wasm

// This file validates blocks, branches and calls.

// setUnreachable gives the rest of the block operands of any type.
func (v *validator) setUnreachable() {
	if len(v.labels) == 0 {
		return
	}
	l := &v.labels[len(v.labels)-1]
	v.operands = v.operands[:l.height]
	l.unreachable = true
}

// singles holds a one-element slice of each value type.
var singles = func() (s [256][]ValueType) {
	for t := range valueTypeNames {
		if t != unknown {
			s[t] = []ValueType{t}
		}
	}
	return s
}()

func (v *validator) blockTypes() (params, results []ValueType) {
	if !v.in.typeIndex {
		return nil, singles[v.in.value]
	}
	if uint64(v.in.index) >= uint64(len(v.m.types)) {
		v.fail(v.in.start, "block type %d of %d types", v.in.index, len(v.m.types))
		return nil, nil
	}
	t := &v.m.types[v.in.index]
	return t.Params, t.Results
}

func (v *validator) openBlock() {
	if v.in.op == opIf {
		v.pop(I32)
	}
	params, results := v.blockTypes()
	v.popMany(params)
	v.openLabel(v.in.op, params, results)
}

func (v *validator) openLabel(op opcode, params, results []ValueType) {
	v.labels = append(v.labels, label{op: op, params: params, results: results, height: len(v.operands)})
	v.pushMany(params)
}

// closeLabel takes the results of the innermost block, which must be all that
// it leaves.
func (v *validator) closeLabel() (closed label) {
	if len(v.labels) == 0 {
		return closed
	}
	closed = v.labels[len(v.labels)-1]
	v.popMany(closed.results)
	if v.err == nil && len(v.operands) != closed.height {
		v.fail(v.in.start, "%d operands left at the end of a block", len(v.operands)-closed.height)
	}
	v.labels = v.labels[:len(v.labels)-1]
	return closed
}

func (v *validator) elseBranch() {
	closed := v.closeLabel()
	if closed.op != opIf {
		v.fail(v.in.start, "else without if")
		return
	}
	v.openLabel(opElse, closed.params, closed.results)
}

func (v *validator) endBlock() {
	closed := v.closeLabel()
	if closed.op == opIf && !(FunctionType{Results: closed.params}).Equal(FunctionType{Results: closed.results}) {
		v.fail(v.in.start, "if without else changes the operands' types")
	}
	v.pushMany(closed.results)
}

// target returns the label that a branch names, counted from the innermost.
func (v *validator) target(depth uint32) *label {
	if uint64(depth) >= uint64(len(v.labels)) {
		v.fail(v.in.start, "branch to label %d of %d", depth, len(v.labels))
		return &label{}
	}
	return &v.labels[len(v.labels)-1-int(depth)]
}

// branch takes what a branch to the label takes, and returns its types.
func (v *validator) branch(depth uint32) []ValueType {
	types := v.target(depth).branchTypes()
	v.popMany(types)
	return types
}

// branchTable checks all labels' operands against those on the stack, which
// are taken only once.
func (v *validator) branchTable() {
	v.pop(I32)
	last := v.in.labels[len(v.in.labels)-1]
	arity := len(v.target(last).branchTypes())
	for _, depth := range v.in.labels {
		types := v.target(depth).branchTypes()
		if len(types) != arity && v.err == nil {
			v.fail(v.in.start, "br_table to labels that take %d and %d operands", len(types), arity)
		}
		if v.err != nil {
			return
		}
		v.peekMany(types)
	}
	v.branch(last)
	v.setUnreachable()
}

// peekMany checks the types of the topmost operands.
func (v *validator) peekMany(types []ValueType) {
	l := &v.labels[len(v.labels)-1]
	for i := range types {
		at := len(v.operands) - 1 - i
		if at < l.height {
			return // missing ones are unknown, or the last label's check fails
		}
		if want, got := types[len(types)-1-i], v.operands[at]; got != want && got != unknown {
			v.fail(v.in.start, "branch takes %v, not %v", want, got)
			return
		}
	}
}

func (v *validator) functionIndex() uint32 {
	if uint64(v.in.index) >= uint64(len(v.m.functions)) {
		v.fail(v.in.start, "function %d of %d", v.in.index, len(v.m.functions))
		return 0
	}
	return v.in.index
}

func (v *validator) call() {
	var t *FunctionType
	switch v.in.op {
	case opCall, opReturnCall:
		index := v.functionIndex()
		if v.err != nil {
			return
		}
		t = &v.m.types[v.m.functions[index]]
	default:
		if uint64(v.in.index) >= uint64(len(v.m.types)) || uint64(v.in.index2) >= uint64(len(v.m.tables)) {
			v.fail(v.in.start, "call_indirect of type %d by table %d", v.in.index, v.in.index2)
			return
		}
		v.pop(I32)
		t = &v.m.types[v.in.index]
	}
	v.popMany(t.Params)
	if v.in.op == opCall || v.in.op == opCallIndirect {
		v.pushMany(t.Results)
	} else {
		v.setUnreachable()
	}
}
