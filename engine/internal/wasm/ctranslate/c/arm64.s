// Switching between Go's stack and the instance's, for arm64. C's calling convention is AAPCS64's. The base of the memory is in x0.
// Offsets from the context, which is 4096 below: C_GO_SP 0, C_C_SP 8, C_CALL 16, C_TRAP 20, C_GO_LR 24, C_ENTRY 48.
// x28 is Go's g and x18 the system's: translated code is compiled without both.
	.text

// resume(m): see amd64.s. Go has no registers that a call must keep but the stack pointer and x28.
	.globl resume
	.hidden resume
resume:
	sub x10, x0, #4096
	mov x9, sp
	str x9, [x10]
	str x30, [x10, #24]
	ldr x9, [x10, #8]
	mov sp, x9
	ldp x19, x20, [sp]
	ldp x21, x22, [sp, #16]
	ldp x23, x24, [sp, #32]
	ldp x25, x26, [sp, #48]
	ldp x27, x29, [sp, #64]
	ldr x30, [sp, #80]
	ldp d8, d9, [sp, #96]
	ldp d10, d11, [sp, #112]
	ldp d12, d13, [sp, #128]
	ldp d14, d15, [sp, #144]
	add sp, sp, #160
	ret

// thunk calls the entry of C_ENTRY. The base is in x19, because resume takes that from the stack.
	.globl thunk
	.hidden thunk
thunk:
	mov x0, x19
	sub x10, x19, #4096
	ldr x9, [x10, #48]
	blr x9
	mov w1, #-1
	mov x0, x19
	b leave_for_go

// host_call(m, call): saves what a C function must keep, and returns to Go.
	.globl host_call
	.hidden host_call
	.balign 16
host_call:
	sub sp, sp, #160
	stp x19, x20, [sp]
	stp x21, x22, [sp, #16]
	stp x23, x24, [sp, #32]
	stp x25, x26, [sp, #48]
	stp x27, x29, [sp, #64]
	str x30, [sp, #80]
	stp d8, d9, [sp, #96]
	stp d10, d11, [sp, #112]
	stp d12, d13, [sp, #128]
	stp d14, d15, [sp, #144]
leave_for_go:
	sub x10, x0, #4096
	str w1, [x10, #16]
	mov x9, sp
	str x9, [x10, #8]
	ldr x30, [x10, #24]
	ldr x9, [x10]
	mov sp, x9
	ret

// trap(m, kind): returns to Go. The instance's stack is dropped.
	.globl trap
	.hidden trap
trap:
	sub x10, x0, #4096
	str w1, [x10, #20]
	mov w1, #-2
	b leave_for_go

// fault: see amd64.s.
	.globl fault
	.hidden fault
fault:
	mov x0, sp
	orr x0, x0, #0x3ffffff
	ldur x0, [x0, #-15]
	mov w1, #10
	b trap

// save_registers(struct jump *) and load_registers(struct jump *).
	.globl save_registers
	.hidden save_registers
	.balign 16
save_registers:
	stp x19, x20, [x0]
	stp x21, x22, [x0, #16]
	stp x23, x24, [x0, #32]
	stp x25, x26, [x0, #48]
	stp x27, x29, [x0, #64]
	mov x9, sp
	stp x30, x9, [x0, #80]
	stp d8, d9, [x0, #96]
	stp d10, d11, [x0, #112]
	stp d12, d13, [x0, #128]
	stp d14, d15, [x0, #144]
	mov w0, #0
	ret
	.globl load_registers
	.hidden load_registers
load_registers:
	ldp x19, x20, [x0]
	ldp x21, x22, [x0, #16]
	ldp x23, x24, [x0, #32]
	ldp x25, x26, [x0, #48]
	ldp x27, x29, [x0, #64]
	ldp x30, x9, [x0, #80]
	mov sp, x9
	ldp d8, d9, [x0, #96]
	ldp d10, d11, [x0, #112]
	ldp d12, d13, [x0, #128]
	ldp d14, d15, [x0, #144]
	mov w0, #1
	ret
	.section .note.GNU-stack, "", %progbits
