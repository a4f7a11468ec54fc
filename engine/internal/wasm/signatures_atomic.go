package wasm

// atomicRows are the threads proposal's instructions, prefix 0xfe.
//
// See https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md.
var atomicRows = append([]signatureRow{
	{0x00, 0x00, "ii:i", immMemory},  // memory.atomic.notify
	{0x01, 0x01, "iil:i", immMemory}, // memory.atomic.wait32
	{0x02, 0x02, "ill:i", immMemory}, // memory.atomic.wait64
	{0x03, 0x03, ":", immByte},       // atomic.fence
	{0x10, 0x10, "i:i", immMemory},   // i32.atomic.load
	{0x11, 0x11, "i:l", immMemory},   // i64.atomic.load
	{0x12, 0x13, "i:i", immMemory},   // i32.atomic.load8_u, load16_u
	{0x14, 0x16, "i:l", immMemory},   // i64.atomic.load8_u … load32_u
	{0x17, 0x17, "ii:", immMemory},   // i32.atomic.store
	{0x18, 0x18, "il:", immMemory},   // i64.atomic.store
	{0x19, 0x1a, "ii:", immMemory},   // i32.atomic.store8, store16
	{0x1b, 0x1d, "il:", immMemory},   // i64.atomic.store8 … store32
}, atomicUpdateRows()...)

// atomicUpdateRows are the read-modify-write instructions: add, sub, and, or,
// xor, xchg and cmpxchg, each in seven widths in the same order.
func atomicUpdateRows() (rows []signatureRow) {
	for first := byte(0x1e); first <= 0x48; first += 7 {
		narrow, wide := "ii:i", "il:l"
		if first == 0x48 { // cmpxchg
			narrow, wide = "iii:i", "ill:l"
		}
		rows = append(
			rows,
			signatureRow{first, first, narrow, immMemory},         // i32
			signatureRow{first + 1, first + 1, wide, immMemory},   // i64
			signatureRow{first + 2, first + 3, narrow, immMemory}, // i32: 8, 16
			signatureRow{first + 4, first + 6, wide, immMemory},   // i64: 8, 16, 32
		)
	}
	return rows
}
