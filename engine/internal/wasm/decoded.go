package wasm

import "encoding/binary"

// Decoded is a decoded module, for translators into other code. Its parts share memory with the module.
type Decoded struct {
	Types     []FunctionType
	Imports   []Import
	Exports   []Export
	Functions []uint32 // type index of each function, imported ones first
	Tables    []Table
	Memories  []Limits
	Globals   []Global // imported ones first, without a value
	Elements  []Element
	Data      []Data
	Names     Names

	m *module
}

// Table is the type of a table.
type Table struct {
	Value  ValueType
	Limits Limits
}

// Global is a global with the bits of its first value.
type Global struct {
	GlobalType
	First uint64
}

// Element is an active element segment of table 0.
type Element struct {
	Offset    uint32
	Functions []uint32
}

// Data is a data segment; an active one has an offset in memory 0.
type Data struct {
	Passive bool
	Offset  uint32
	Bytes   []byte
}

// Decode decodes a module but for its function bodies, which [Decoded.Walk] reads. Malformed modules are a
// [FormatError], and so are those whose element segments, data segments or first values are of a kind that clang does
// not make.
func Decode(module []byte) (*Decoded, error) {
	m, err := parse(module)
	if err != nil {
		return nil, err
	}
	d := &Decoded{Types: m.types, Exports: m.exports, Functions: m.functions, m: m}
	for _, entry := range m.imports {
		d.Imports = append(d.Imports, entry.Import)
	}
	for i, value := range m.tables {
		d.Tables = append(d.Tables, Table{value, m.tableLimits[i]})
	}
	d.Memories = m.memoryLimits
	if d.Names, err = m.names(); err != nil {
		return nil, err
	}
	for _, decode := range []func() error{d.globals, d.elements, d.data} {
		if err := decode(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// reader reads the items of a section.
func (d *Decoded) reader(id byte) (r reader, count uint32) {
	s, ok := d.m.sectionByID(id)
	if !ok {
		return r, 0
	}
	return reader{data: d.m.data, pos: s.items, end: s.end, section: sectionNames[id]}, s.count
}

func (d *Decoded) globals() error {
	r, n := d.reader(globalSection)
	defined := len(d.m.globals) - int(n)
	for _, t := range d.m.globals[:defined] {
		d.Globals = append(d.Globals, Global{GlobalType: t})
	}
	for range n {
		t := r.globalType()
		d.Globals = append(d.Globals, Global{t, r.constant()})
	}
	return r.err
}

func (d *Decoded) elements() error {
	r, n := d.reader(elementSection)
	for range n {
		start := r.pos
		if kind := r.u32(); kind != 0 {
			r.fail(start, "element segments of kind %d are not supported", kind)
		}
		e := Element{Offset: uint32(r.constant())}
		for range r.count() {
			at := r.pos
			index := r.u32()
			if r.err == nil && uint64(index) >= uint64(len(d.Functions)) {
				r.fail(at, "function %d of %d", index, len(d.Functions))
			}
			if r.err != nil {
				return r.err
			}
			e.Functions = append(e.Functions, index)
		}
		d.Elements = append(d.Elements, e)
	}
	return r.err
}

func (d *Decoded) data() error {
	for _, s := range d.m.segments {
		r := reader{data: d.m.data, pos: s.start, end: s.end, section: sectionNames[dataSection]}
		x := Data{Passive: s.kind == passiveSegment, Bytes: d.m.data[s.end-int(s.size) : s.end]}
		switch s.kind {
		case activeSegment:
			r.pos = s.offset
			x.Offset = uint32(r.constant())
		case activeSegmentOfMemory:
			r.fail(s.start, "data segments of kind %d are not supported", s.kind)
		}
		if r.err != nil {
			return r.err
		}
		d.Data = append(d.Data, x)
	}
	return nil
}

// HasStart reports whether the module has a start function.
func (d *Decoded) HasStart() bool {
	_, ok := d.m.sectionByID(startSection)
	return ok
}

// BodySize returns the size of a defined function's body in the module.
func (d *Decoded) BodySize(defined int) int {
	b := d.m.bodies[defined]
	return b.end - b.locals
}

// constant reads a constant expression that is one constant.
func (r *reader) constant() (bits uint64) {
	var in instruction
	start := r.pos
	r.decode(&in)
	if r.err != nil {
		return 0
	}
	bits, ok := r.immediateBits(&in)
	if r.decode(&in); r.err == nil && (!ok || in.op != opEnd) {
		r.fail(start, "only single constants are supported here")
	}
	return bits
}

// immediateBits returns the bits of a constant instruction's immediate.
func (r *reader) immediateBits(in *instruction) (bits uint64, ok bool) {
	part := reader{data: r.data, pos: in.start + 1, end: in.end, section: r.section}
	switch in.op {
	case opI32Const:
		return uint64(uint32(part.signed(32))), true
	case opI64Const:
		return uint64(part.signed(64)), true
	case opF32Const:
		return uint64(binary.LittleEndian.Uint32(part.bytes(4))), true
	case opF64Const:
		return binary.LittleEndian.Uint64(part.bytes(8)), true
	}
	return 0, false
}

// Step is an instruction of a function body.
type Step struct {
	Op       uint16 // a prefix byte is in the high half
	Offset   int    // in the module
	Index    uint32 // first index or label
	Index2   uint32 // second index, or a memory access's offset
	Bits     uint64 // of a constant
	Block    FunctionType
	Labels   []uint32 // of br_table, default last; overwritten by the next
	Operands []ValueType
	Result   ValueType // of an instruction with a fixed type, 0 for none
	Fixed    bool      // Operands and Result say what the instruction takes and leaves
}

// Walk visits the instructions of a defined function, the last end too, after begin has been given the types of its
// parameters and locals. Each instruction is validated before it is visited. Walk ends at the first error.
func (d *Decoded) Walk(defined int, begin func(locals []ValueType) error, visit func(*Step) error) error {
	v := newValidator(d.m)
	v.begin(defined)
	if v.err != nil {
		return v.err
	}
	if err := begin(v.locals); err != nil {
		return err
	}
	for v.next() {
		s := Step{Op: uint16(v.in.op), Offset: v.in.start, Index: v.in.index, Index2: v.in.index2, Labels: v.in.labels}
		s.Bits, _ = v.immediateBits(&v.in)
		if v.in.signature.immediate == immBlockType {
			s.Block.Params, s.Block.Results = v.blockTypes()
		}
		if sig := v.in.signature; !sig.special {
			s.Fixed, s.Operands, s.Result = true, sig.operand[:sig.operands], sig.result
		}
		if err := visit(&s); err != nil {
			return err
		}
	}
	return v.err
}

// Signature returns what an instruction takes and leaves, 0 for nothing. ok is false for an unknown one, and for one
// whose types depend on its immediates or operands.
func Signature(op uint16) (operands []ValueType, result ValueType, ok bool) {
	if prefix := op >> 8; prefix != 0 && (prefix < prefixMisc || prefix > prefixAtomic) {
		return nil, 0, false
	}
	s := signatureOf(opcode(op))
	return s.operand[:s.operands], s.result, s.known && !s.special
}
