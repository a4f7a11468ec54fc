/*
 * What translated functions use (package ctranslate writes them, forms.go calls what is here).
 *
 * m, the first argument of every function, is where the linear memory begins. An access is m + index + offset, 64 bits wide. Whatever a
 * 32-bit index and an offset below REACH can name beyond the memory's end is mapped without access, so a fault is the trap.
 * The page below the memory is the instance's context, at fixed offsets (CTX). Nothing is relocated and no libc is used.
 *
 * Memory model. All accesses are volatile: what PostgreSQL means by volatile, by a compiler barrier or by a plain access to shared memory
 * has no trace in WebAssembly, so the compiler here may neither drop, merge, reorder nor keep any of them. Atomics and fences are
 * sequentially consistent, as WebAssembly's are. See the package's documentation for what PostgreSQL relies on.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef float f32;
typedef double f64;
#include "constants.h"

#define HIDDEN __attribute__((visibility("hidden")))
#define INLINE static inline __attribute__((always_inline, unused))
#define COLD __attribute__((noreturn, cold, visibility("hidden")))
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Values in memory: at any address, of any type. */
#define UNALIGNED(T) typedef T T##_any __attribute__((aligned(1), may_alias));
UNALIGNED(u8) UNALIGNED(u16) UNALIGNED(u32) UNALIGNED(u64) UNALIGNED(s8) UNALIGNED(s16) UNALIGNED(s32) UNALIGNED(s64) UNALIGNED(f32) UNALIGNED(f64)
#define MEM(T, a) (*(volatile T##_any *)(m + (a)))

/*
 * The context: CONTEXT bytes below the memory. Package native has the same offsets, and so have amd64.s and arm64.s.
 */
#define CONTEXT 4096
#define C_GO_SP 0    /* the stack pointer of Go while this code runs */
#define C_C_SP 8     /* the stack pointer of this code while Go runs */
#define C_CALL 16    /* what this code wants of Go: an import's number, or one of the CALL_ numbers */
#define C_TRAP 20    /* for CALL_TRAP: one of the TRAP_ numbers */
#define C_GO_LR 24   /* arm64: where to return to Go */
#define C_JUMP 32    /* the innermost struct jump */
#define C_SIZE 40    /* the memory's size in bytes */
#define C_ENTRY 48   /* the entry to call at first */
#define C_ROUNDS 56  /* rounds of loops to the next look at the host */
#define C_ARGS 64    /* arguments and results of calls between this code and Go, 56 words */
#define C_GLOBALS 512 /* mutable globals, a word each */
#define CTX(T, offset) (*(T##_any *)(m - CONTEXT + (offset)))
#define ARG(T, n) CTX(T, C_ARGS + 8 * (n))
#define GLOBAL(T, n) CTX(T, C_GLOBALS + 8 * (n))

#define CALL_DONE -1
#define CALL_TRAP -2
#define CALL_GROW -3

#define TRAP_UNREACHABLE 1
#define TRAP_TABLE 2
#define TRAP_SIGNATURE 3
#define TRAP_DIVISION 4
#define TRAP_OVERFLOW 5
#define TRAP_CONVERSION 6
#define TRAP_BOUNDS 7
#define TRAP_JUMP 8
#define TRAP_ALIGNMENT 9
#define TRAP_FAULT 10

/* Of amd64.s and arm64.s. */
HIDDEN void host_call(u8 *m, s32 call); /* gives Go control, and returns when Go resumes the instance */
COLD void trap(u8 *m, u32 kind);        /* gives Go control for ever */
#define TRAP(kind) trap(m, kind)

/* Control instructions: section 4.4.8. A table element is the distance of its function from TABLE, and the function's type. */
struct element {
	s32 distance;
	u32 type;
};
extern HIDDEN const struct element TABLE[];
INLINE const void *table_function(u8 *m, u32 i, u32 type)
{
	if (unlikely(i >= TABLE_SIZE))
		TRAP(TRAP_TABLE);
	if (unlikely(TABLE[i].type != type))
		TRAP(TABLE[i].type == NO_TYPE ? TRAP_TABLE : TRAP_SIGNATURE);
	return (const char *)TABLE + TABLE[i].distance;
}

/* The loop hook: a decrement and a branch. preserve_most keeps the registers of the loop out of memory. */
HIDDEN __attribute__((preserve_most)) void hook(u8 *m);
#define HOOK(n)                                            \
	do {                                                   \
		if (unlikely((CTX(s32, C_ROUNDS) -= (n)) < 0))     \
			hook(m);                                       \
	} while (0)

/* Numeric instructions: sections 4.3.2 to 4.3.4. */
INLINE f32 f32_of_bits(u32 x) { f32 r; __builtin_memcpy(&r, &x, 4); return r; }
INLINE f64 f64_of_bits(u64 x) { f64 r; __builtin_memcpy(&r, &x, 8); return r; }
INLINE u32 bits_of_f32(f32 x) { u32 r; __builtin_memcpy(&r, &x, 4); return r; }
INLINE u64 bits_of_f64(f64 x) { u64 r; __builtin_memcpy(&r, &x, 8); return r; }
INLINE u32 clz32(u32 x) { return x ? __builtin_clz(x) : 32; }
INLINE u32 ctz32(u32 x) { return x ? __builtin_ctz(x) : 32; }
INLINE u64 clz64(u64 x) { return x ? __builtin_clzll(x) : 64; }
INLINE u64 ctz64(u64 x) { return x ? __builtin_ctzll(x) : 64; }
INLINE u32 rotl32(u32 x, u32 n) { return x << (n & 31) | x >> (-n & 31); }
INLINE u32 rotr32(u32 x, u32 n) { return x >> (n & 31) | x << (-n & 31); }
INLINE u64 rotl64(u64 x, u64 n) { return x << (n & 63) | x >> (-n & 63); }
INLINE u64 rotr64(u64 x, u64 n) { return x >> (n & 63) | x << (-n & 63); }
#define DIVISIONS(W)                                                                                        \
	INLINE u##W div_s##W(u8 *m, u##W a, u##W b)                                                             \
	{                                                                                                       \
		if (unlikely(!b))                                                                                   \
			TRAP(TRAP_DIVISION);                                                                            \
		if (unlikely(a == (u##W)1 << (W - 1) && b == (u##W)-1))                                             \
			TRAP(TRAP_OVERFLOW);                                                                            \
		return (s##W)a / (s##W)b;                                                                           \
	}                                                                                                       \
	INLINE u##W rem_s##W(u8 *m, u##W a, u##W b)                                                             \
	{                                                                                                       \
		if (unlikely(!b))                                                                                   \
			TRAP(TRAP_DIVISION);                                                                            \
		return b == (u##W)-1 ? 0 : (s##W)a % (s##W)b;                                                       \
	}                                                                                                       \
	INLINE u##W div_u##W(u8 *m, u##W a, u##W b)                                                             \
	{                                                                                                       \
		if (unlikely(!b))                                                                                   \
			TRAP(TRAP_DIVISION);                                                                            \
		return a / b;                                                                                       \
	}                                                                                                       \
	INLINE u##W rem_u##W(u8 *m, u##W a, u##W b)                                                             \
	{                                                                                                       \
		if (unlikely(!b))                                                                                   \
			TRAP(TRAP_DIVISION);                                                                            \
		return a % b;                                                                                       \
	}
DIVISIONS(32)
DIVISIONS(64)
#define MINMAX(W)                                                                                           \
	INLINE f##W min_f##W(f##W a, f##W b)                                                                    \
	{                                                                                                       \
		if (a != a || b != b)                                                                               \
			return a + b;                                                                                   \
		if (a == b)                                                                                         \
			return bits_of_f##W(a) >> (W - 1) ? a : b;                                                      \
		return a < b ? a : b;                                                                               \
	}                                                                                                       \
	INLINE f##W max_f##W(f##W a, f##W b)                                                                    \
	{                                                                                                       \
		if (a != a || b != b)                                                                               \
			return a + b;                                                                                   \
		if (a == b)                                                                                         \
			return bits_of_f##W(a) >> (W - 1) ? b : a;                                                      \
		return a > b ? a : b;                                                                               \
	}
MINMAX(32)
MINMAX(64)
/* TRUNCATION(name, result, C's conversion, operand, bounds that are not part of the range, least and greatest result) */
#define TRUNCATION(name, R, SR, F, low, high, least, greatest)                                              \
	INLINE R trunc_##name(u8 *m, F x)                                                                       \
	{                                                                                                       \
		if (unlikely(!(x > low && x < high)))                                                               \
			TRAP(x != x ? TRAP_CONVERSION : TRAP_OVERFLOW);                                                 \
		return (R)(SR)x;                                                                                    \
	}                                                                                                       \
	INLINE R trunc_sat_##name(F x)                                                                          \
	{                                                                                                       \
		return x != x ? 0 : !(x > low) ? (R)least : !(x < high) ? (R)greatest : (R)(SR)x;                   \
	}
#define MIN32 0x80000000u
#define MIN64 0x8000000000000000ull
TRUNCATION(i32_f32_s, u32, s32, f32, -2147483904.f, 2147483648.f, MIN32, ~MIN32)
TRUNCATION(i32_f32_u, u32, u32, f32, -1.f, 4294967296.f, 0, -1)
TRUNCATION(i32_f64_s, u32, s32, f64, -2147483649., 2147483648., MIN32, ~MIN32)
TRUNCATION(i32_f64_u, u32, u32, f64, -1., 4294967296., 0, -1)
TRUNCATION(i64_f32_s, u64, s64, f32, -9223373136366403584.f, 9223372036854775808.f, MIN64, ~MIN64)
TRUNCATION(i64_f32_u, u64, u64, f32, -1.f, 18446744073709551616.f, 0, -1)
TRUNCATION(i64_f64_s, u64, s64, f64, -9223372036854777856., 9223372036854775808., MIN64, ~MIN64)
TRUNCATION(i64_f64_u, u64, u64, f64, -1., 18446744073709551616., 0, -1)

/* Memory instructions: section 4.4.7. */
HIDDEN u32 memory_grow(u8 *m, u32 pages);
HIDDEN void memory_init(u8 *m, u32 segment, u32 to, u32 from, u32 n);
HIDDEN void copy_bytes(u8 *to, const u8 *from, u64 n);
HIDDEN void fill_bytes(u8 *to, u8 value, u64 n);
INLINE u32 memory_size(u8 *m) { return (u32)(CTX(u64, C_SIZE) >> 16); }
INLINE void memory_copy(u8 *m, u32 to, u32 from, u32 n)
{
	u64 size = CTX(u64, C_SIZE);
	if (unlikely((u64)to + n > size || (u64)from + n > size))
		TRAP(TRAP_BOUNDS);
	copy_bytes(m + to, m + from, n);
}
INLINE void memory_fill(u8 *m, u32 to, u32 value, u32 n)
{
	if (unlikely((u64)to + n > CTX(u64, C_SIZE)))
		TRAP(TRAP_BOUNDS);
	fill_bytes(m + to, (u8)value, n);
}
/* far_address is the address of an access that may be beyond what the guard covers. */
INLINE u64 far_address(u8 *m, u64 a, u32 width)
{
	if (unlikely(a + width > CTX(u64, C_SIZE)))
		a = 0xffffffffu; /* no memory is as large */
	return a;
}

/* Atomic memory accesses: the threads proposal. */
#define ORDER __ATOMIC_SEQ_CST
#define FENCE() __atomic_thread_fence(ORDER)
#define ATOMIC(T)                                                                                           \
	INLINE T *atomic_##T(u8 *m, u64 a)                                                                      \
	{                                                                                                       \
		if (sizeof(T) > 1 && unlikely(a & (sizeof(T) - 1)))                                                 \
			TRAP(TRAP_ALIGNMENT);                                                                           \
		return (T *)(m + a);                                                                                \
	}                                                                                                       \
	INLINE T atomic_cmpxchg_##T(u8 *m, u64 a, u64 expected, u64 value)                                      \
	{                                                                                                       \
		T *p = atomic_##T(m, a), found = (T)expected;                                                       \
		if (unlikely(found != expected)) /* then no value of this width is equal */                         \
			return __atomic_load_n(p, ORDER);                                                               \
		__atomic_compare_exchange_n(p, &found, (T)value, 0, ORDER, ORDER);                                  \
		return found;                                                                                       \
	}
ATOMIC(u8)
ATOMIC(u16)
ATOMIC(u32)
ATOMIC(u64)
#define ATOMIC_LOAD(T, a) __atomic_load_n(atomic_##T(m, a), ORDER)
#define ATOMIC_STORE(T, a, v) __atomic_store_n(atomic_##T(m, a), (T)(v), ORDER)
#define ATOMIC_ADD(T, a, v) __atomic_fetch_add(atomic_##T(m, a), (T)(v), ORDER)
#define ATOMIC_SUB(T, a, v) __atomic_fetch_sub(atomic_##T(m, a), (T)(v), ORDER)
#define ATOMIC_AND(T, a, v) __atomic_fetch_and(atomic_##T(m, a), (T)(v), ORDER)
#define ATOMIC_OR(T, a, v) __atomic_fetch_or(atomic_##T(m, a), (T)(v), ORDER)
#define ATOMIC_XOR(T, a, v) __atomic_fetch_xor(atomic_##T(m, a), (T)(v), ORDER)
#define ATOMIC_XCHG(T, a, v) __atomic_exchange_n(atomic_##T(m, a), (T)(v), ORDER)

/*
 * setjmp and longjmp of Emscripten: an invoke_ import calls a function of the table, _emscripten_throw_longjmp goes back to the innermost
 * invoke_ that runs, and that one calls setThrew. No Go code takes part.
 */
#ifdef __aarch64__
#define SAVED 20
#else
#define SAVED 8
#endif
struct jump {
	u64 saved[SAVED];
	struct jump *outer;
	u32 stack; /* the stack pointer in linear memory */
};
HIDDEN int save_registers(struct jump *) __attribute__((returns_twice)); /* 0, and 1 when load_registers comes back */
COLD void load_registers(struct jump *);
INLINE void jump_enter(u8 *m, struct jump *j) { j->outer = (struct jump *)CTX(u64, C_JUMP); j->stack = GLOBAL(u32, STACK_POINTER); }
INLINE void jump_leave(u8 *m, struct jump *j) { CTX(u64, C_JUMP) = (u64)j->outer; }
INLINE void throw_longjmp(u8 *m)
{
	struct jump *j = (struct jump *)CTX(u64, C_JUMP);
	if (!j)
		TRAP(TRAP_JUMP);
	load_registers(j);
}
