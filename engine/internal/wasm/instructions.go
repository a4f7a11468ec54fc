package wasm

// opcode is an instruction's opcode: one byte, or a prefix byte in the high
// half and the number after it in the low half.
type opcode uint16

// The opcodes that this package names. All others are rows of the tables in
// signatures.go.
const (
	opUnreachable        opcode = 0x00
	opBlock              opcode = 0x02
	opLoop               opcode = 0x03
	opIf                 opcode = 0x04
	opElse               opcode = 0x05
	opEnd                opcode = 0x0b
	opBr                 opcode = 0x0c
	opBrIf               opcode = 0x0d
	opBrTable            opcode = 0x0e
	opReturn             opcode = 0x0f
	opCall               opcode = 0x10
	opCallIndirect       opcode = 0x11
	opReturnCall         opcode = 0x12
	opReturnCallIndirect opcode = 0x13
	opDrop               opcode = 0x1a
	opSelect             opcode = 0x1b
	opSelectTyped        opcode = 0x1c
	opLocalGet           opcode = 0x20
	opLocalSet           opcode = 0x21
	opLocalTee           opcode = 0x22
	opGlobalGet          opcode = 0x23
	opGlobalSet          opcode = 0x24
	opTableGet           opcode = 0x25
	opTableSet           opcode = 0x26
	opI32Const           opcode = 0x41
	opI64Const           opcode = 0x42
	opF32Const           opcode = 0x43
	opF64Const           opcode = 0x44
	opI32Eqz             opcode = 0x45
	opI32LtS             opcode = 0x48
	opI32Add             opcode = 0x6a
	opI32Sub             opcode = 0x6b
	opI32Mul             opcode = 0x6c
	opI32And             opcode = 0x71
	opI64Add             opcode = 0x7c
	opI64Sub             opcode = 0x7d
	opI64Mul             opcode = 0x7e
	opI32ReinterpretF32  opcode = 0xbc
	opI64ReinterpretF64  opcode = 0xbd
	opF32ReinterpretI32  opcode = 0xbe
	opF64ReinterpretI64  opcode = 0xbf
	opRefNull            opcode = 0xd0
	opRefIsNull          opcode = 0xd1
	opRefFunc            opcode = 0xd2
	opMemoryInit         opcode = 0xfc08
	opTableInit          opcode = 0xfc0c
	opTableCopy          opcode = 0xfc0e
	opTableGrow          opcode = 0xfc0f
	opTableSize          opcode = 0xfc10
	opTableFill          opcode = 0xfc11
	opV128Const          opcode = 0xfd0c
	opI32x4Splat         opcode = 0xfd11
	opV128Bitselect      opcode = 0xfd52
)

const (
	prefixMisc   = 0xfc
	prefixSIMD   = 0xfd
	prefixAtomic = 0xfe

	emptyBlockType = 0x40
)

// immediate says what follows an opcode in the code.
type immediate byte

const (
	immNone        immediate = iota
	immBlockType             // a signed 33-bit block type
	immIndex                 // one index
	immIndexPair             // two indices
	immMemory                // alignment and offset
	immMemoryLane            // alignment, offset and lane
	immByte                  // a lane, or atomic.fence's zero
	imm4Bytes                // f32.const
	imm8Bytes                // f64.const
	imm16Bytes               // v128.const, i8x16.shuffle
	immS32                   // i32.const
	immS64                   // i64.const
	immBranchTable           // labels and the default label
	immSelectTypes           // the operand types of a typed select
	immReference             // the reference type of ref.null
)

// instruction is a decoded instruction.
type instruction struct {
	op         opcode
	signature  *signature
	start, end int       // offsets in the module
	index      uint32    // first index or label; with a block type its type index
	index2     uint32    // second index
	value      ValueType // of a block type, typed select or ref.null; 0 is none
	typeIndex  bool      // the block type is a type index
	labels     []uint32  // of br_table, default last; overwritten by the next
}

// decode reads the next instruction into in. It fails on unknown opcodes.
func (r *reader) decode(in *instruction) {
	in.start = r.pos
	in.op = opcode(r.byte())
	if in.op >= prefixMisc && in.op <= prefixAtomic {
		in.op = r.prefixed(in.op)
	}
	in.signature = signatureOf(in.op)
	if r.err == nil && !in.signature.known {
		r.fail(in.start, "unknown opcode %#02x", uint16(in.op))
	}
	if r.err != nil {
		in.signature = &signatures[0][opUnreachable]
		return
	}
	r.immediates(in)
	in.end = r.pos
}

func (r *reader) prefixed(prefix opcode) opcode {
	start := r.pos - 1
	sub := r.u32()
	if sub > 0xff {
		r.fail(start, "unknown opcode 0x%02x %#x", byte(prefix), sub)
		return opUnreachable
	}
	return prefix<<8 | opcode(sub)
}

func (r *reader) immediates(in *instruction) {
	switch in.signature.immediate {
	case immNone:
	case immBlockType:
		r.blockType(in)
	case immIndex:
		in.index = r.u32()
	case immIndexPair:
		in.index, in.index2 = r.u32(), r.u32()
	case immMemory:
		r.memoryArgument(in)
	case immMemoryLane:
		r.memoryArgument(in)
		r.skip(1)
	case immByte:
		r.skip(1)
	case imm4Bytes:
		r.skip(4)
	case imm8Bytes:
		r.skip(8)
	case imm16Bytes:
		r.skip(16)
	case immS32:
		r.signed(32)
	case immS64:
		r.signed(64)
	case immBranchTable:
		r.branchTable(in)
	case immSelectTypes:
		r.selectTypes(in)
	case immReference:
		in.value = r.referenceType()
	}
}

func (r *reader) blockType(in *instruction) {
	start := r.pos
	in.value, in.typeIndex = 0, false
	if !r.more() || r.data[r.pos] == emptyBlockType {
		r.byte()
		return
	}
	if t := ValueType(r.data[r.pos]); t.valid() {
		in.value = t
		r.pos++
		return
	}
	index := r.signed(33)
	if index < 0 {
		r.fail(start, "unknown block type %d", index)
	}
	in.index, in.typeIndex = uint32(index), true
}

func (r *reader) memoryArgument(in *instruction) {
	start := r.pos
	if alignment := r.u32(); alignment > 4 {
		r.fail(start, "alignment 2**%d, or more than one memory, is not supported", alignment)
	}
	in.index2 = r.u32()
}

func (r *reader) branchTable(in *instruction) {
	n := r.count()
	in.labels = in.labels[:0]
	for range n {
		in.labels = append(in.labels, r.u32())
	}
	in.labels = append(in.labels, r.u32())
}

func (r *reader) selectTypes(in *instruction) {
	start := r.pos
	if n := r.u32(); n != 1 {
		r.fail(start, "select with %d types", n)
	}
	in.value = r.valueType()
}

func (r *reader) referenceType() ValueType {
	start := r.pos
	t := r.valueType()
	if !t.isReference() {
		r.fail(start, "%v is no reference type", t)
	}
	return t
}
