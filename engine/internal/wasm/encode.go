package wasm

// appendU32 appends v as an unsigned LEB128 integer.
func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// appendS32 appends v as a signed LEB128 integer.
func appendS32(b []byte, v int32) []byte {
	for v < -0x40 || v > 0x3f {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}

func appendName(b []byte, name string) []byte {
	return append(appendU32(b, uint32(len(name))), name...)
}

func appendValueTypes(b []byte, types []ValueType) []byte {
	b = appendU32(b, uint32(len(types)))
	for _, t := range types {
		b = append(b, byte(t))
	}
	return b
}

func appendFunctionType(b []byte, t FunctionType) []byte {
	return appendValueTypes(appendValueTypes(append(b, 0x60), t.Params), t.Results)
}

// Instruction encoders for code that rewrites insert.

func appendIndexed(b []byte, op opcode, index uint32) []byte {
	return appendU32(append(b, byte(op)), index)
}

func appendI32Const(b []byte, v uint32) []byte {
	return appendS32(append(b, byte(opI32Const)), int32(v))
}
