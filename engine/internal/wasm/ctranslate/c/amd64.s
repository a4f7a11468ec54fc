// Switching between Go's stack and the instance's, for amd64. C's calling convention is System V's. The base of the memory is in %rdi.
// Offsets are those of runtime.h: C_GO_SP -4096, C_C_SP -4088, C_CALL -4080, C_TRAP -4076, C_ENTRY -4048.
	.text

// resume(m): called by Go on its stack. It goes on where the instance has left in host_call, or begins at thunk: then Go has made a stack
// that looks as if host_call had left it. It returns to Go when the instance leaves again. All registers but the stack pointer are lost.
	.globl resume
	.hidden resume
resume:
	mov %rsp, -4096(%rdi)
	mov -4088(%rdi), %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret

// thunk calls the entry of C_ENTRY. The base is in %rbx, because resume takes that from the stack.
	.globl thunk
	.hidden thunk
thunk:
	mov %rbx, %rdi
	call *-4048(%rbx)
	mov %rbx, %rdi
	movl $-1, -4080(%rdi)
	mov -4096(%rdi), %rsp
	ret

// host_call(m, call): saves what a C function must keep, and returns to Go.
	.globl host_call
	.hidden host_call
	.balign 16
host_call:
	mov %esi, -4080(%rdi)
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, -4088(%rdi)
leave_for_go:
	mov -4096(%rdi), %rsp
	ret

// trap(m, kind): returns to Go. The instance's stack is dropped.
	.globl trap
	.hidden trap
trap:
	mov %esi, -4076(%rdi)
	movl $-2, -4080(%rdi)
	jmp leave_for_go

// fault: where the signal handler sends an instruction that has faulted. No register is known but the stack pointer, which is in the
// instance's stack: that is aligned to its size of 64 MiB, and its next to last word is the base.
	.globl fault
	.hidden fault
fault:
	mov %rsp, %rdi
	or $0x3ffffff, %rdi
	mov -15(%rdi), %rdi
	movl $10, -4076(%rdi)
	movl $-2, -4080(%rdi)
	jmp leave_for_go

// save_registers(struct jump *) and load_registers(struct jump *).
	.globl save_registers
	.hidden save_registers
	.balign 16
save_registers:
	mov (%rsp), %rax
	mov %rbx, (%rdi)
	mov %rbp, 8(%rdi)
	mov %r12, 16(%rdi)
	mov %r13, 24(%rdi)
	mov %r14, 32(%rdi)
	mov %r15, 40(%rdi)
	lea 8(%rsp), %rcx
	mov %rcx, 48(%rdi)
	mov %rax, 56(%rdi)
	xor %eax, %eax
	ret
	.globl load_registers
	.hidden load_registers
load_registers:
	mov (%rdi), %rbx
	mov 8(%rdi), %rbp
	mov 16(%rdi), %r12
	mov 24(%rdi), %r13
	mov 32(%rdi), %r14
	mov 40(%rdi), %r15
	mov 48(%rdi), %rsp
	mov $1, %eax
	jmp *56(%rdi)
	.section .note.GNU-stack, "", @progbits
