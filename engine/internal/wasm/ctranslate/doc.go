// Package ctranslate translates WebAssembly modules to C that clang compiles to a position-independent file without relocations, which
// package native maps and enters.
//
// # The form of the code
//
// A function of the module is a C function of the same parameters and result, with the base of the linear memory as first argument. An
// operand is a C variable for its type and its depth on the operand stack, a block's end is a label, a branch a goto: the compiler finds
// out the rest. [forms.go] says for each instruction how it is written, with the specification's section. An instruction that is not known
// here is an error with the function and the offset; so are features that PostgreSQL's modules do not have (growing tables, multiple
// results, vectors, references).
//
// c/runtime.h has what the functions use, c/runtime.c the bulk memory instructions, c/amd64.s and c/arm64.s the switch between Go's stack
// and the instance's. [Translate] writes them beside the translated functions, so that its output is all that a C compiler needs.
//
// # Traps
//
// An access beyond the memory's end faults, as the addresses up to what an index and an offset can name are mapped without access. All
// other traps are explicit. Where the code traps the same as the specification says, the moment may differ: an access that faults has no
// effect, but what was written before it stays written, as in WebAssembly.
//
// # Memory model
//
// All accesses to the linear memory are volatile, atomics and fences are sequentially consistent (LOCK, MFENCE; LDAR, STLR, LSE or
// exclusive pairs, DMB ISH). That this is enough for PostgreSQL follows from what its C means on the way to WebAssembly:
//
//   - Spinlocks (src/include/storage/s_lock.h: slock_t, tas, S_UNLOCK) are __sync_lock_test_and_set and __sync_lock_release, i32.atomic
//     instructions here. Both are full barriers, more than the acquire and release that are asked for.
//   - pg_atomic_* (src/include/port/atomics/generic-gcc.h) are __atomic builtins: atomic instructions. pg_atomic_read_u32 and
//     pg_atomic_write_u32 (atomics/generic.h) are plain volatile accesses: single, aligned instructions here too, as volatile accesses
//     are neither split nor merged.
//   - pg_memory_barrier, pg_read_barrier and pg_write_barrier are __sync_synchronize and __atomic_thread_fence: atomic.fence, a full
//     barrier here (DMB ISH on arm64).
//   - pg_compiler_barrier (an empty asm with a memory clobber) and volatile leave nothing in the module. clang has placed the accesses in
//     the order that they ask for, and volatile keeps that order here. Between processors they promise nothing, on arm64 no more than on
//     any other machine that PostgreSQL runs on.
//   - Latches (src/backend/storage/ipc/latch.c, waiteventset.c) set and test is_set with pg_memory_barrier on both sides; the wake-up
//     itself is a host call, which the compiler cannot see through.
//   - Lock-free reads (src/backend/storage/lmgr/lwlock.c, buffer headers in bufmgr.c, ProcArray's xids, the WAL insertion positions in
//     xlog.c) use the above, or rely on aligned 4-byte and, with PG_HAVE_8BYTE_SINGLE_COPY_ATOMICITY unset as for wasm32, not on 8-byte
//     plain accesses.
package ctranslate
