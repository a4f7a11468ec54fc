package wasm

import "sync/atomic"

// FloatSelects counts the select instructions on floating-point numbers and
// vectors that the module holds. Those in unreachable code count if an
// operand tells the type. Rewrite with FixFloatSelect leaves none.
func FloatSelects(module []byte) (n int, err error) {
	m, err := parse(module)
	if err != nil {
		return 0, err
	}
	var total atomic.Int64
	err = m.forEachBatch(func(v *validator, _, from, to int) error {
		for i := from; i < to; i++ {
			for v.begin(i); v.next(); {
				if inXMMRegister(v.selected) {
					total.Add(1)
				}
			}
			if v.err != nil {
				return v.err
			}
		}
		return nil
	})
	return int(total.Load()), err
}

// inXMMRegister reports whether wazero's amd64 compiler keeps the type in XMM
// registers. Its conditional move between these does not tell the register
// allocator that it also reads its destination
// (https://github.com/wazero/wazero/issues/2534).
func inXMMRegister(t ValueType) bool { return t == F32 || t == F64 || t == V128 }

// fixSelect replaces the select just validated if it is on floats or vectors.
func (w *bodyRewriter) fixSelect() {
	if !inXMMRegister(w.selected) {
		return
	}
	w.copyUntil(w.in.start)
	w.dropUntil(w.in.end)
	switch w.selected {
	case F32:
		w.selectBits(opI32ReinterpretF32, opF32ReinterpretI32, w.scratchIndex(scratchF32Bits))
	case F64:
		w.selectBits(opI64ReinterpretF64, opF64ReinterpretI64, w.scratchIndex(scratchF64Bits))
	case V128:
		w.selectVector()
	}
}

// selectBits selects between the integers that have the operands' bits, so
// that NaN payloads survive.
func (w *bodyRewriter) selectBits(toBits, fromBits opcode, second uint32) {
	condition := w.scratchIndex(scratchI32)
	code := w.edit()
	code = appendIndexed(code, opLocalSet, condition)
	code = appendIndexed(append(code, byte(toBits)), opLocalSet, second)
	code = appendIndexed(append(code, byte(toBits)), opLocalGet, second)
	code = appendIndexed(code, opLocalGet, condition)
	w.code = append(code, byte(opSelect), byte(fromBits))
}

// selectVector makes a mask of the condition: all ones unless it is 0.
func (w *bodyRewriter) selectVector() {
	code := appendI32Const(append(w.edit(), byte(opI32Eqz)), 1)
	code = append(code, byte(opI32Sub))
	code = appendU32(append(code, prefixSIMD), uint32(opI32x4Splat&0xff))
	w.code = appendU32(append(code, prefixSIMD), uint32(opV128Bitselect&0xff))
}
