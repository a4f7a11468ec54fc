package wasm

// simdRows are the vector instructions, prefix 0xfd. Runs of one signature
// mix shapes: the comments name the instructions only where that tells more.
//
// See https://www.w3.org/TR/wasm-core-2/#vector-instructions.
var simdRows = []signatureRow{
	{0x00, 0x0a, "i:v", immMemory},      // v128.load … v128.load64_splat
	{0x0b, 0x0b, "iv:", immMemory},      // v128.store
	{0x0c, 0x0c, ":v", imm16Bytes},      // v128.const
	{0x0d, 0x0d, "vv:v", imm16Bytes},    // i8x16.shuffle
	{0x0e, 0x0e, "vv:v", immNone},       // i8x16.swizzle
	{0x0f, 0x11, "i:v", immNone},        // i8x16.splat … i32x4.splat
	{0x12, 0x12, "l:v", immNone},        // i64x2.splat
	{0x13, 0x13, "f:v", immNone},        // f32x4.splat
	{0x14, 0x14, "d:v", immNone},        // f64x2.splat
	{0x15, 0x16, "v:i", immByte},        // i8x16.extract_lane
	{0x17, 0x17, "vi:v", immByte},       // i8x16.replace_lane
	{0x18, 0x19, "v:i", immByte},        // i16x8.extract_lane
	{0x1a, 0x1a, "vi:v", immByte},       // i16x8.replace_lane
	{0x1b, 0x1b, "v:i", immByte},        // i32x4.extract_lane
	{0x1c, 0x1c, "vi:v", immByte},       // i32x4.replace_lane
	{0x1d, 0x1d, "v:l", immByte},        // i64x2.extract_lane
	{0x1e, 0x1e, "vl:v", immByte},       // i64x2.replace_lane
	{0x1f, 0x1f, "v:f", immByte},        // f32x4.extract_lane
	{0x20, 0x20, "vf:v", immByte},       // f32x4.replace_lane
	{0x21, 0x21, "v:d", immByte},        // f64x2.extract_lane
	{0x22, 0x22, "vd:v", immByte},       // f64x2.replace_lane
	{0x23, 0x4c, "vv:v", immNone},       // comparisons
	{0x4d, 0x4d, "v:v", immNone},        // v128.not
	{0x4e, 0x51, "vv:v", immNone},       // v128.and … v128.xor
	{0x52, 0x52, "vvv:v", immNone},      // v128.bitselect
	{0x53, 0x53, "v:i", immNone},        // v128.any_true
	{0x54, 0x57, "iv:v", immMemoryLane}, // v128.load8_lane … v128.load64_lane
	{0x58, 0x5b, "iv:", immMemoryLane},  // v128.store8_lane … v128.store64_lane
	{0x5c, 0x5d, "i:v", immMemory},      // v128.load32_zero, v128.load64_zero
	{0x5e, 0x5f, "v:v", immNone},        // demote, promote
	{0x60, 0x62, "v:v", immNone},        // i8x16: unary
	{0x63, 0x64, "v:i", immNone},        // i8x16.all_true, bitmask
	{0x65, 0x66, "vv:v", immNone},
	{0x67, 0x6a, "v:v", immNone},  // f32x4: roundings
	{0x6b, 0x6d, "vi:v", immNone}, // i8x16: shifts
	{0x6e, 0x73, "vv:v", immNone},
	{0x74, 0x75, "v:v", immNone}, // f64x2: roundings
	{0x76, 0x79, "vv:v", immNone},
	{0x7a, 0x7a, "v:v", immNone}, // f64x2.trunc
	{0x7b, 0x7b, "vv:v", immNone},
	{0x7c, 0x81, "v:v", immNone},  // extadd_pairwise, i16x8: unary
	{0x82, 0x82, "vv:v", immNone}, // i16x8.q15mulr_sat_s
	{0x83, 0x84, "v:i", immNone},  // i16x8.all_true, bitmask
	{0x85, 0x86, "vv:v", immNone},
	{0x87, 0x8a, "v:v", immNone},  // i16x8: extensions
	{0x8b, 0x8d, "vi:v", immNone}, // i16x8: shifts
	{0x8e, 0x93, "vv:v", immNone},
	{0x94, 0x94, "v:v", immNone}, // f64x2.nearest
	{0x95, 0x99, "vv:v", immNone},
	{0x9b, 0x9f, "vv:v", immNone},
	{0xa0, 0xa1, "v:v", immNone},  // i32x4: unary
	{0xa3, 0xa4, "v:i", immNone},  // i32x4.all_true, bitmask
	{0xa7, 0xaa, "v:v", immNone},  // i32x4: extensions
	{0xab, 0xad, "vi:v", immNone}, // i32x4: shifts
	{0xae, 0xae, "vv:v", immNone},
	{0xb1, 0xb1, "vv:v", immNone},
	{0xb5, 0xba, "vv:v", immNone},
	{0xbc, 0xbf, "vv:v", immNone},
	{0xc0, 0xc1, "v:v", immNone},  // i64x2: unary
	{0xc3, 0xc4, "v:i", immNone},  // i64x2.all_true, bitmask
	{0xc7, 0xca, "v:v", immNone},  // i64x2: extensions
	{0xcb, 0xcd, "vi:v", immNone}, // i64x2: shifts
	{0xce, 0xce, "vv:v", immNone},
	{0xd1, 0xd1, "vv:v", immNone},
	{0xd5, 0xdf, "vv:v", immNone},
	{0xe0, 0xe1, "v:v", immNone}, // f32x4: unary
	{0xe3, 0xe3, "v:v", immNone},
	{0xe4, 0xeb, "vv:v", immNone},
	{0xec, 0xed, "v:v", immNone}, // f64x2: unary
	{0xef, 0xef, "v:v", immNone},
	{0xf0, 0xf7, "vv:v", immNone},
	{0xf8, 0xff, "v:v", immNone}, // conversions
}
