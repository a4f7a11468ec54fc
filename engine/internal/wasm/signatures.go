package wasm

// signature says how an instruction is encoded and, unless it is special,
// which operands it takes and what it leaves. What special instructions do
// depends on their immediates or operands: see validator.apply.
type signature struct {
	known     bool
	special   bool
	immediate immediate
	operands  int8
	operand   [3]ValueType // the first is the deepest
	result    ValueType    // 0: none
}

// signatureRow gives all opcodes of a range one signature, written with a
// letter for a type: i32 is i, i64 l, f32 f, f64 d, v128 v. "ii:l" takes two
// i32 and leaves an i64; "special" leaves the matter to the validator.
type signatureRow struct {
	first, last byte
	types       string
	immediate   immediate
}

const special = "special"

// signatures holds the instructions without prefix, then those with the
// prefixes 0xfc, 0xfd and 0xfe. It is never written after initialisation.
var signatures = [4][256]signature{
	expandRows(coreRows),
	expandRows(miscRows),
	expandRows(simdRows),
	expandRows(atomicRows),
}

func signatureOf(op opcode) *signature {
	if op < 0x100 {
		return &signatures[0][op]
	}
	return &signatures[op>>8-(prefixMisc-1)][op&0xff]
}

func expandRows(rows []signatureRow) (table [256]signature) {
	for _, row := range rows {
		for op := int(row.first); op <= int(row.last); op++ {
			table[op] = row.signature()
		}
	}
	return table
}

func (row signatureRow) signature() signature {
	s := signature{known: true, immediate: row.immediate, special: row.types == special}
	if s.special {
		return s
	}
	letters := map[byte]ValueType{'i': I32, 'l': I64, 'f': F32, 'd': F64, 'v': V128}
	i := 0
	for ; row.types[i] != ':'; i++ {
		s.operand[i] = letters[row.types[i]]
	}
	s.operands = int8(i)
	if i+1 < len(row.types) {
		s.result = letters[row.types[i+1]]
	}
	return s
}

// coreRows are the instructions without prefix.
var coreRows = []signatureRow{
	{0x00, 0x00, special, immNone},        // unreachable
	{0x01, 0x01, ":", immNone},            // nop
	{0x02, 0x04, special, immBlockType},   // block, loop, if
	{0x05, 0x05, special, immNone},        // else
	{0x0b, 0x0b, special, immNone},        // end
	{0x0c, 0x0d, special, immIndex},       // br, br_if
	{0x0e, 0x0e, special, immBranchTable}, // br_table
	{0x0f, 0x0f, special, immNone},        // return
	{0x10, 0x10, special, immIndex},       // call
	{0x11, 0x11, special, immIndexPair},   // call_indirect
	{0x12, 0x12, special, immIndex},       // return_call
	{0x13, 0x13, special, immIndexPair},   // return_call_indirect
	{0x1a, 0x1b, special, immNone},        // drop, select
	{0x1c, 0x1c, special, immSelectTypes}, // select with type
	{0x20, 0x26, special, immIndex},       // local.*, global.*, table.get, table.set
	{0x28, 0x28, "i:i", immMemory},        // i32.load
	{0x29, 0x29, "i:l", immMemory},        // i64.load
	{0x2a, 0x2a, "i:f", immMemory},        // f32.load
	{0x2b, 0x2b, "i:d", immMemory},        // f64.load
	{0x2c, 0x2f, "i:i", immMemory},        // i32.load8_s … i32.load16_u
	{0x30, 0x35, "i:l", immMemory},        // i64.load8_s … i64.load32_u
	{0x36, 0x36, "ii:", immMemory},        // i32.store
	{0x37, 0x37, "il:", immMemory},        // i64.store
	{0x38, 0x38, "if:", immMemory},        // f32.store
	{0x39, 0x39, "id:", immMemory},        // f64.store
	{0x3a, 0x3b, "ii:", immMemory},        // i32.store8, i32.store16
	{0x3c, 0x3e, "il:", immMemory},        // i64.store8 … i64.store32
	{0x3f, 0x3f, ":i", immIndex},          // memory.size
	{0x40, 0x40, "i:i", immIndex},         // memory.grow
	{0x41, 0x41, ":i", immS32},            // i32.const
	{0x42, 0x42, ":l", immS64},            // i64.const
	{0x43, 0x43, ":f", imm4Bytes},         // f32.const
	{0x44, 0x44, ":d", imm8Bytes},         // f64.const
	{0x45, 0x45, "i:i", immNone},          // i32.eqz
	{0x46, 0x4f, "ii:i", immNone},         // i32.eq … i32.ge_u
	{0x50, 0x50, "l:i", immNone},          // i64.eqz
	{0x51, 0x5a, "ll:i", immNone},         // i64.eq … i64.ge_u
	{0x5b, 0x60, "ff:i", immNone},         // f32.eq … f32.ge
	{0x61, 0x66, "dd:i", immNone},         // f64.eq … f64.ge
	{0x67, 0x69, "i:i", immNone},          // i32.clz, ctz, popcnt
	{0x6a, 0x78, "ii:i", immNone},         // i32.add … i32.rotr
	{0x79, 0x7b, "l:l", immNone},          // i64.clz, ctz, popcnt
	{0x7c, 0x8a, "ll:l", immNone},         // i64.add … i64.rotr
	{0x8b, 0x91, "f:f", immNone},          // f32.abs … f32.sqrt
	{0x92, 0x98, "ff:f", immNone},         // f32.add … f32.copysign
	{0x99, 0x9f, "d:d", immNone},          // f64.abs … f64.sqrt
	{0xa0, 0xa6, "dd:d", immNone},         // f64.add … f64.copysign
	{0xa7, 0xa7, "l:i", immNone},          // i32.wrap_i64
	{0xa8, 0xa9, "f:i", immNone},          // i32.trunc_f32
	{0xaa, 0xab, "d:i", immNone},          // i32.trunc_f64
	{0xac, 0xad, "i:l", immNone},          // i64.extend_i32
	{0xae, 0xaf, "f:l", immNone},          // i64.trunc_f32
	{0xb0, 0xb1, "d:l", immNone},          // i64.trunc_f64
	{0xb2, 0xb3, "i:f", immNone},          // f32.convert_i32
	{0xb4, 0xb5, "l:f", immNone},          // f32.convert_i64
	{0xb6, 0xb6, "d:f", immNone},          // f32.demote_f64
	{0xb7, 0xb8, "i:d", immNone},          // f64.convert_i32
	{0xb9, 0xba, "l:d", immNone},          // f64.convert_i64
	{0xbb, 0xbb, "f:d", immNone},          // f64.promote_f32
	{0xbc, 0xbc, "f:i", immNone},          // i32.reinterpret_f32
	{0xbd, 0xbd, "d:l", immNone},          // i64.reinterpret_f64
	{0xbe, 0xbe, "i:f", immNone},          // f32.reinterpret_i32
	{0xbf, 0xbf, "l:d", immNone},          // f64.reinterpret_i64
	{0xc0, 0xc1, "i:i", immNone},          // i32.extend8_s, i32.extend16_s
	{0xc2, 0xc4, "l:l", immNone},          // i64.extend8_s … i64.extend32_s
	{0xd0, 0xd0, special, immReference},   // ref.null
	{0xd1, 0xd1, special, immNone},        // ref.is_null
	{0xd2, 0xd2, special, immIndex},       // ref.func
}

// miscRows are the instructions with prefix 0xfc.
var miscRows = []signatureRow{
	{0x00, 0x01, "f:i", immNone},       // i32.trunc_sat_f32
	{0x02, 0x03, "d:i", immNone},       // i32.trunc_sat_f64
	{0x04, 0x05, "f:l", immNone},       // i64.trunc_sat_f32
	{0x06, 0x07, "d:l", immNone},       // i64.trunc_sat_f64
	{0x08, 0x08, "iii:", immIndexPair}, // memory.init
	{0x09, 0x09, ":", immIndex},        // data.drop
	{0x0a, 0x0a, "iii:", immIndexPair}, // memory.copy
	{0x0b, 0x0b, "iii:", immIndex},     // memory.fill
	{0x0c, 0x0c, "iii:", immIndexPair}, // table.init
	{0x0d, 0x0d, ":", immIndex},        // elem.drop
	{0x0e, 0x0e, "iii:", immIndexPair}, // table.copy
	{0x0f, 0x0f, special, immIndex},    // table.grow
	{0x10, 0x10, ":i", immIndex},       // table.size
	{0x11, 0x11, special, immIndex},    // table.fill
}
