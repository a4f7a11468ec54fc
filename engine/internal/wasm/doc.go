// Package wasm reads and rewrites WebAssembly modules in their binary format.
//
// It knows the instructions that clang and wasm-ld produce: the core
// specification 2.0 (with sign extension, saturating conversions, bulk memory,
// reference types, multi-value and SIMD), the threads proposal's atomic
// instructions and tail calls. It runs nothing and depends on no runtime.
//
// [Rewrite] makes the changes that [Options] asks for and leaves every other
// byte as it is: without options the result equals the input. The operand
// types of function bodies are validated on the way, since some rewrites have
// to know them; other rules (alignments, unique export names, element
// segments) are left to the runtime. A valid module stays valid.
//
// All functions are pure and safe for concurrent use. Malformed input gives a
// [FormatError] that names section and offset, never a panic, and memory use
// is bounded by a small multiple of the input's length.
//
// See https://www.w3.org/TR/wasm-core-2/ (appendix "Validation Algorithm" and
// chapter "Binary Format") and
// https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md.
package wasm
