/* Memory instructions that are no single access. There is no libc below them. */
#include "runtime.h"

typedef u64 u128 __attribute__((vector_size(16), aligned(1), may_alias));

/* At most 16 bytes: two accesses that may overlap, both read before either is written. */
static void copy_few(u8 *to, const u8 *from, u64 n)
{
	if (n >= 8) {
		u64 a = *(const u64_any *)from, b = *(const u64_any *)(from + n - 8);
		*(u64_any *)to = a;
		*(u64_any *)(to + n - 8) = b;
	} else if (n >= 4) {
		u32 a = *(const u32_any *)from, b = *(const u32_any *)(from + n - 4);
		*(u32_any *)to = a;
		*(u32_any *)(to + n - 4) = b;
	} else if (n >= 2) {
		u16 a = *(const u16_any *)from, b = *(const u16_any *)(from + n - 2);
		*(u16_any *)to = a;
		*(u16_any *)(to + n - 2) = b;
	} else if (n) {
		*to = *from;
	}
}

/* copy_bytes copies as memmove does. */
HIDDEN void copy_bytes(u8 *to, const u8 *from, u64 n)
{
	if (n <= 16) {
		copy_few(to, from, n);
	} else if (n <= 32) {
		u128 a = *(const u128 *)from, b = *(const u128 *)(from + n - 16);
		*(u128 *)to = a;
		*(u128 *)(to + n - 16) = b;
	} else if ((u64)(to - from) >= n) { /* forward, the last 32 bytes as they were before */
#ifdef __x86_64__
		if (n >= 1024) {
			asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
			return;
		}
#endif
		u128 last1 = *(const u128 *)(from + n - 32), last2 = *(const u128 *)(from + n - 16);
		u8 *end = to + n;
		for (; n > 32; n -= 32, from += 32, to += 32) {
			u128 a = *(const u128 *)from, b = *(const u128 *)(from + 16);
			*(u128 *)to = a;
			*(u128 *)(to + 16) = b;
		}
		*(u128 *)(end - 32) = last1;
		*(u128 *)(end - 16) = last2;
	} else {
		u128 first1 = *(const u128 *)from, first2 = *(const u128 *)(from + 16);
		for (; n > 32; n -= 32) {
			u128 a = *(const u128 *)(from + n - 16), b = *(const u128 *)(from + n - 32);
			*(u128 *)(to + n - 16) = a;
			*(u128 *)(to + n - 32) = b;
		}
		*(u128 *)to = first1;
		*(u128 *)(to + 16) = first2;
	}
}

/* fill_bytes fills as memset does. */
HIDDEN void fill_bytes(u8 *to, u8 value, u64 n)
{
	u64 word = value * 0x0101010101010101ull;
	if (n < 16) {
		if (n >= 8) {
			*(u64_any *)to = word;
			*(u64_any *)(to + n - 8) = word;
		} else if (n >= 4) {
			*(u32_any *)to = (u32)word;
			*(u32_any *)(to + n - 4) = (u32)word;
		} else if (n >= 2) {
			*(u16_any *)to = (u16)word;
			*(u16_any *)(to + n - 2) = (u16)word;
		} else if (n) {
			*to = value;
		}
		return;
	}
#ifdef __x86_64__
	if (n >= 1024) {
		asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
		return;
	}
#endif
	u128 wide = {word, word};
	u8 *last = to + n - 16;
	for (; to < last; to += 16)
		*(u128 *)to = wide;
	*(u128 *)last = wide;
}

/* A data segment is the distance of its bytes from DATA, and their number. */
struct segment {
	s32 distance;
	u32 length;
};
extern HIDDEN const struct segment DATA[];

HIDDEN void memory_init(u8 *m, u32 segment, u32 to, u32 from, u32 n)
{
	if ((u64)from + n > DATA[segment].length || (u64)to + n > CTX(u64, C_SIZE))
		TRAP(TRAP_BOUNDS);
	copy_bytes(m + to, (const u8 *)DATA + DATA[segment].distance + from, n);
}

HIDDEN u32 memory_grow(u8 *m, u32 pages)
{
	ARG(u64, 0) = pages;
	host_call(m, CALL_GROW);
	return ARG(u32, 0);
}
