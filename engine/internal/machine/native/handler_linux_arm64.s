#include "textflag.h"

// func enter(base, resume uintptr)
// The code keeps R28, Go's g, and none of its other registers.
TEXT ·enter(SB), NOSPLIT, $32-16
	MOVD base+0(FP), R0
	MOVD resume+8(FP), R1
	CALL (R1)
	RET

// func trapHandler()
// C's calling convention: the signal is in R0, siginfo in R1, ucontext in R2. In the latter, SP is at 432 and PC at 440.
// A faultRange has 24 bytes. The instance's base is in the next to last word of its stack, which is aligned to 64 MiB.
TEXT ·trapHandler(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVD 440(R2), R3
	MOVD $·faultRanges(SB), R4
	MOVD ·faultRangeCount(SB), R5
next:
	CBZ  R5, other
	MOVD 0(R4), R6
	CMP  R6, R3
	BLO  skip
	MOVD 8(R4), R6
	CMP  R6, R3
	BHS  skip
	MOVD 432(R2), R7
	ORR  $0x3ffffff, R7
	MOVD -15(R7), R7
	MOVD R3, -64(R7) // contextPage.faultPC
	MOVD 16(R1), R6  // si_addr
	MOVD R6, -56(R7) // contextPage.faultAddress
	MOVD 16(R4), R6
	MOVD R6, 440(R2)
	RET
skip:
	ADD  $24, R4
	SUB  $1, R5
	B    next
other:
	MOVD $·nextHandlers(SB), R3
	MOVD (R3)(R0<<3), R3
	JMP  (R3)

// func trapHandlerAddress() uintptr
TEXT ·trapHandlerAddress(SB), NOSPLIT, $0-8
	MOVD $·trapHandler(SB), R0
	MOVD R0, ret+0(FP)
	RET
