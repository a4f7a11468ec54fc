package wasm

// Bounds that valid modules of compilers stay far below.
const (
	maxLocals   = 50_000  // parameters and locals of a function
	maxOperands = 1 << 20 // operands at one time
)

// label is an open block, loop, if or function body. The operands below
// height belong to the blocks around it.
type label struct {
	op              opcode // opBlock for the function body
	params, results []ValueType
	height          int
	unreachable     bool
}

// branchTypes are the operands that a branch to the label takes.
func (l *label) branchTypes() []ValueType {
	if l.op == opLoop {
		return l.params
	}
	return l.results
}

// validator follows the types of a function body's operands, by the algorithm
// in the specification's appendix. It is reused from body to body and belongs
// to one goroutine.
type validator struct {
	reader
	m        *module
	in       instruction // the last instruction
	selected ValueType   // what the last instruction selected; 0 unless it was a select of known type
	locals   []ValueType // parameters first
	groups   uint32      // of local declarations
	groupsAt int         // where the groups begin
	codeAt   int         // where the instructions begin
	operands []ValueType
	labels   []label
	results  []ValueType // of the function
}

func newValidator(m *module) *validator {
	return &validator{m: m, reader: reader{data: m.data, section: sectionNames[codeSection]}}
}

// begin reads the local declarations of the body of a defined function.
func (v *validator) begin(defined int) {
	b := v.m.bodies[defined]
	v.pos, v.end, v.err = b.locals, b.end, nil
	t := v.m.functionType(uint32(v.m.importedFuncs + defined))
	v.locals = append(v.locals[:0], t.Params...)
	v.declarations()
	v.codeAt = v.pos
	v.results = t.Results
	v.operands = v.operands[:0]
	v.labels = append(v.labels[:0], label{op: opBlock, results: t.Results})
}

func (v *validator) declarations() {
	v.groups = v.count()
	v.groupsAt = v.pos
	for range v.groups {
		start := v.pos
		n, t := v.u32(), v.valueType()
		if uint64(n)+uint64(len(v.locals)) > maxLocals {
			v.fail(start, "more than %d locals", maxLocals)
		}
		if v.err != nil {
			return
		}
		for range n {
			v.locals = append(v.locals, t)
		}
	}
}

// next decodes and validates the next instruction. It returns false after the
// end of the body, or when err is set.
func (v *validator) next() bool {
	if v.err != nil {
		return false
	}
	if len(v.labels) == 0 {
		if v.more() {
			v.fail(v.pos, "code after the end of the function")
		}
		return false
	}
	v.decode(&v.in)
	v.selected = unknown
	if s := v.in.signature; s.special {
		v.apply()
	} else {
		v.popMany(s.operand[:s.operands])
		if s.result != unknown {
			v.push(s.result)
		}
		if s.immediate == immMemory && v.m.memories == 0 {
			v.fail(v.in.start, "memory access in a module without memory")
		}
	}
	if len(v.operands) > maxOperands {
		v.fail(v.in.start, "more than %d operands", maxOperands)
	}
	return v.err == nil
}

// apply validates an instruction whose operands depend on its immediates.
func (v *validator) apply() {
	switch v.in.op {
	case opUnreachable:
		v.setUnreachable()
	case opBlock, opLoop, opIf:
		v.openBlock()
	case opElse:
		v.elseBranch()
	case opEnd:
		v.endBlock()
	case opBr:
		v.branch(v.in.index)
		v.setUnreachable()
	case opBrIf:
		v.pop(I32)
		types := v.branch(v.in.index)
		v.pushMany(types)
	case opBrTable:
		v.branchTable()
	case opReturn:
		v.popMany(v.results)
		v.setUnreachable()
	case opCall, opCallIndirect, opReturnCall, opReturnCallIndirect:
		v.call()
	case opDrop:
		v.popAny()
	case opSelect, opSelectTyped:
		v.selectOperand()
	case opLocalGet, opLocalSet, opLocalTee:
		v.local()
	case opGlobalGet, opGlobalSet:
		v.global()
	case opTableGet, opTableSet, opTableGrow, opTableFill:
		v.table()
	case opRefNull:
		v.push(v.in.value)
	case opRefIsNull:
		v.popReference()
		v.push(I32)
	case opRefFunc:
		v.functionIndex()
		v.push(FuncRef)
	}
}

func (v *validator) push(t ValueType) { v.operands = append(v.operands, t) }

func (v *validator) pushMany(types []ValueType) { v.operands = append(v.operands, types...) }

// popAny takes an operand and returns its type, which may be unknown.
func (v *validator) popAny() ValueType {
	if len(v.labels) == 0 {
		return unknown
	}
	l := &v.labels[len(v.labels)-1]
	if n := len(v.operands); n > l.height {
		t := v.operands[n-1]
		v.operands = v.operands[:n-1]
		return t
	}
	if !l.unreachable {
		v.fail(v.in.start, "operand missing for opcode %#02x", uint16(v.in.op))
	}
	return unknown
}

func (v *validator) pop(want ValueType) {
	if got := v.popAny(); got != want && got != unknown && v.err == nil {
		v.fail(v.in.start, "opcode %#02x takes %v, not %v", uint16(v.in.op), want, got)
	}
}

func (v *validator) popMany(types []ValueType) {
	for i := len(types) - 1; i >= 0; i-- {
		v.pop(types[i])
	}
}

func (v *validator) popReference() {
	if got := v.popAny(); got != unknown && !got.isReference() {
		v.fail(v.in.start, "opcode %#02x takes a reference, not %v", uint16(v.in.op), got)
	}
}
