#include "textflag.h"

// func enter(base, resume uintptr)
// The code keeps none of Go's registers; the assembler saves BP, and the ABI's wrapper restores R14 and X15.
TEXT ·enter(SB), NOSPLIT, $16-16
	MOVQ base+0(FP), DI
	MOVQ resume+8(FP), CX
	CALL CX
	RET

// func trapHandler()
// C's calling convention: the signal is in DI, siginfo in SI, ucontext in DX. In the latter, RSP is at 160 and RIP at 168.
// A faultRange has 24 bytes. The instance's base is in the next to last word of its stack, which is aligned to 64 MiB.
TEXT ·trapHandler(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVQ 168(DX), AX
	LEAQ ·faultRanges(SB), R8
	MOVQ ·faultRangeCount(SB), R9
next:
	TESTQ R9, R9
	JZ   other
	CMPQ AX, 0(R8)
	JB   skip
	CMPQ AX, 8(R8)
	JAE  skip
	MOVQ 160(DX), R10
	ORQ  $0x3ffffff, R10
	MOVQ -15(R10), R10
	MOVQ AX, -64(R10)  // contextPage.faultPC
	MOVQ 16(SI), AX    // si_addr
	MOVQ AX, -56(R10)  // contextPage.faultAddress
	MOVQ 16(R8), AX
	MOVQ AX, 168(DX)
	RET
skip:
	ADDQ $24, R8
	DECQ R9
	JMP  next
other:
	LEAQ ·nextHandlers(SB), AX
	MOVQ (AX)(DI*8), AX
	JMP  AX

// func trapHandlerAddress() uintptr
TEXT ·trapHandlerAddress(SB), NOSPLIT, $0-8
	LEAQ ·trapHandler(SB), AX
	MOVQ AX, ret+0(FP)
	RET
