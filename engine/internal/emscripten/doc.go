// Package emscripten is the import ABI: it turns the words and structures of a guest's host calls into calls of the
// kernel. Imports of module "pglite" are those of runtime/libc/abi.h; "env" and "wasi_snapshot_preview1" hold what
// Emscripten's musl itself imports. Errors go back negated, in WASI numbering; the WASI functions return them positive.
package emscripten
