/* The linear memory grows as the allocator asks; the host has reserved its maximum. */
#include <stddef.h>
#include <stdint.h>

#define PAGE 65536

size_t
emscripten_get_heap_size(void)
{
	return (size_t) __builtin_wasm_memory_size(0) * PAGE;
}

int
emscripten_resize_heap(size_t size)
{
	size_t have = __builtin_wasm_memory_size(0);
	size_t want = (size + PAGE - 1) / PAGE;

	return want <= have || __builtin_wasm_memory_grow(0, want - have) != (size_t) -1;
}
