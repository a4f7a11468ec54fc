# shellcheck shell=bash
# The compiler: clang, wasm-ld and the LLVM archive tools, and Emscripten's C library sources.
# Debian's emscripten package and an emsdk (emcc on PATH, or $EMCC) have the same parts in different places.

# first_of NAME...: the first of the programs that exists.
first_of() {
	local name
	for name; do
		if command -v "$name" >/dev/null 2>&1; then
			command -v "$name"
			return
		fi
	done
	return 1
}

# emscripten_root: the folder that holds Emscripten's system/ tree.
emscripten_root() {
	local emcc root
	emcc=$(first_of "${EMCC:-emcc}") || die "no emcc found; install Emscripten 3.1.6 or newer, or set EMCC to its emcc"
	root=$(dirname "$(readlink -f "$emcc")")
	for root in "$root" "$root/upstream/emscripten" "$root/../lib/emscripten" "$root/../libexec" /usr/share/emscripten; do
		if [ -d "$root/system/lib/libc/musl" ]; then
			readlink -f "$root"
			return
		fi
	done
	die "no system/lib/libc/musl found beside $emcc; set EMCC to the emcc of a complete Emscripten"
}

# llvm_tool NAME...: a program of the LLVM that belongs to this Emscripten.
llvm_tool() {
	local name dir
	dir=$PGLITE_EMSCRIPTEN/../bin # emsdk: upstream/emscripten beside upstream/bin
	for name; do
		if [ -x "$dir/$name" ]; then
			readlink -f "$dir/$name"
			return
		fi
	done
	first_of "$@" || die "no $1 found; install the LLVM tools that Emscripten was built for"
}

# find_toolchain sets and exports the names that wcc and the other steps use.
find_toolchain() {
	PGLITE_RUNTIME=$RUNTIME
	PGLITE_EMSCRIPTEN=$(emscripten_root)
	PGLITE_EMSCRIPTEN_VERSION=$(tr -d '"' <"$PGLITE_EMSCRIPTEN/emscripten-version.txt")
	[ "$PGLITE_EMSCRIPTEN_VERSION" = 3.1.6 ] ||
		step "note: this is Emscripten $PGLITE_EMSCRIPTEN_VERSION; the build has been tried with 3.1.6 only"
	PGLITE_CLANG=$(llvm_tool clang-14 clang)
	PGLITE_WASM_LD=$(llvm_tool wasm-ld-14 wasm-ld)
	PGLITE_LD=$(llvm_tool ld.lld-14 ld.lld)
	LLVM_AR=$(llvm_tool llvm-ar-14 llvm-ar)
	LLVM_RANLIB=$(llvm_tool llvm-ranlib-14 llvm-ranlib)
	LLVM_NM=$(llvm_tool llvm-nm-14 llvm-nm)
	PGLITE_SYSROOT=$PGLITE_EMSCRIPTEN/cache/sysroot
	PGLITE_COMPILER_RT=$PGLITE_SYSROOT/lib/wasm32-emscripten/libcompiler_rt.a
	if [ ! -d "$PGLITE_SYSROOT/include" ] || [ ! -f "$PGLITE_COMPILER_RT" ]; then
		die "no sysroot in $PGLITE_SYSROOT; run 'embuilder build libcompiler_rt' of this Emscripten once"
	fi
	export PGLITE_RUNTIME PGLITE_EMSCRIPTEN PGLITE_EMSCRIPTEN_VERSION PGLITE_CLANG PGLITE_WASM_LD PGLITE_LD \
		PGLITE_SYSROOT PGLITE_COMPILER_RT LLVM_AR LLVM_RANLIB LLVM_NM
}

# build_tool_versions: a line for each other program whose output gets into the runtime.
build_tool_versions() {
	flex --version
	bison --version | head -n 1
	perl -e 'print "perl $^V\n"'
	xz --version
	PATH=$PATH:/usr/sbin zic --version
}

# toolchain_version: one line a part, for the manifest and the cache keys.
toolchain_version() {
	"$PGLITE_CLANG" --version | head -n 1
	"$PGLITE_WASM_LD" --version | head -n 1
	printf 'Emscripten %s\n' "$PGLITE_EMSCRIPTEN_VERSION"
}
