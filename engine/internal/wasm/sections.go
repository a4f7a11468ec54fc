package wasm

// This file decodes the items of each section.

func (m *module) typeItem(r *reader) {
	if start := r.pos; r.byte() != 0x60 {
		r.fail(start, "only function types are supported")
	}
	m.types = append(m.types, FunctionType{Params: r.valueTypes(), Results: r.valueTypes()})
}

func (m *module) importItem(r *reader) {
	entry := importEntry{start: r.pos}
	entry.Module, entry.Name = r.name(), r.name()
	kind := r.pos
	entry.Kind = ExternKind(r.byte())
	entry.description = r.pos
	switch entry.Kind {
	case FunctionKind:
		entry.typeIndex = m.typeIndex(r)
		if r.err != nil {
			return
		}
		entry.Function = m.types[entry.typeIndex]
		m.functions = append(m.functions, entry.typeIndex)
		m.importedFuncs++
	case TableKind:
		m.tableItem(r)
	case MemoryKind:
		entry.Memory = r.limits()
		m.memoryLimits = append(m.memoryLimits, entry.Memory)
		m.memories++
	case GlobalKind:
		entry.Global = r.globalType()
		m.globals = append(m.globals, entry.Global)
	default:
		r.fail(kind, "unknown import %v", entry.Kind)
	}
	entry.end = r.pos
	m.imports = append(m.imports, entry)
}

func (m *module) functionItem(r *reader) {
	m.functions = append(m.functions, m.typeIndex(r))
}

func (m *module) typeIndex(r *reader) uint32 {
	start := r.pos
	index := r.u32()
	if r.err == nil && uint64(index) >= uint64(len(m.types)) {
		r.fail(start, "type index %d of %d types", index, len(m.types))
	}
	return index
}

func (m *module) tableItem(r *reader) {
	t := r.referenceType()
	m.tableLimits = append(m.tableLimits, r.limits())
	m.tables = append(m.tables, t)
}

func (m *module) memoryItem(r *reader) {
	m.memoryLimits = append(m.memoryLimits, r.limits())
	m.memories++
}

func (m *module) globalItem(r *reader) {
	t := r.globalType()
	r.constantExpression()
	m.globals = append(m.globals, t)
}

func (m *module) exportItem(r *reader) {
	e := Export{Name: r.name()}
	kind := r.pos
	e.Kind = ExternKind(r.byte())
	e.Index = r.u32()
	if r.err != nil {
		return
	}
	known := map[ExternKind]int{
		FunctionKind: len(m.functions), TableKind: len(m.tables), MemoryKind: int(m.memories),
		GlobalKind: len(m.globals),
	}[e.Kind]
	if uint64(e.Index) >= uint64(known) {
		r.fail(kind, "export %q of %v %d, of which there are %d", e.Name, e.Kind, e.Index, known)
		return
	}
	if e.Kind == FunctionKind {
		e.Function = m.functionType(e.Index)
	}
	m.exports = append(m.exports, e)
}

func (m *module) bodyItem(r *reader) {
	b := body{start: r.pos}
	size := r.u32()
	b.locals = r.pos
	r.skip(size)
	b.end = r.pos
	m.bodies = append(m.bodies, b)
}

func (r *reader) limits() (l Limits) {
	start := r.pos
	flags := r.byte()
	if flags > 3 {
		r.fail(start, "unknown limits 0x%02x", flags)
	}
	l.HasMax, l.Shared = flags&1 != 0, flags&2 != 0
	l.Min = r.u32()
	if l.HasMax {
		l.Max = r.u32()
	}
	return l
}

func (r *reader) globalType() GlobalType {
	return GlobalType{Value: r.valueType(), Mutable: r.flag("mutability")}
}

// constantExpression skips a constant expression and its end.
func (r *reader) constantExpression() {
	for in := (instruction{}); r.err == nil; {
		r.decode(&in)
		switch in.op {
		case opEnd:
			return
		case opI32Const, opI64Const, opF32Const, opF64Const, opV128Const, opGlobalGet, opRefNull, opRefFunc,
			opI32Add, opI32Sub, opI32Mul, opI64Add, opI64Sub, opI64Mul:
		default:
			r.fail(in.start, "opcode %#02x in a constant expression", uint16(in.op))
		}
	}
}
