# shellcheck shell=bash
# Linking: the shim of runtime/libc, what a recorded link (wcc) wanted, and libc.a, with the imports of
# libc/imports.txt and no others. A link takes about a second, so this is the part to run again and again.

# compile_shim DIR MAJOR compiles runtime/libc/*.c and tools/*.c into DIR.
compile_shim() {
	local dir=$1 major=$2
	rm -rf "$dir"
	mkdir -p "$dir/libc" "$dir/tools"
	(cd "$RUNTIME" && printf '%s\n' libc/*.c tools/*.c) |
		xargs -P "$(nproc)" -I{} "$RUNTIME/wcc" -O2 -Wall -Wno-unknown-pragmas -fno-builtin \
			"-DPGLITE_PG_MAJOR=$major" -c "$RUNTIME/{}" -o "$dir/{}.o" || die "compiling runtime/libc failed"
}

# compile_server_shim TREE DIR MAJOR compiles runtime/server/*.c, which know PostgreSQL's headers, into DIR.
compile_server_shim() {
	local tree=$1 dir=$2 major=$3 source
	mkdir -p "$dir/server"
	for source in "$RUNTIME"/server/*.c; do
		PGLITE_PREFIX_MAP=$(dirname "$tree") "$RUNTIME/wcc" -O2 -Wall -fno-strict-aliasing -fwrapv -DUSE_SSL "-DPGLITE_PG_MAJOR=$major" \
			-I"$tree/src/include" -I"$(dirname "$tree")/source/src/include" -c "$source" -o "$dir/server/$(basename "$source").o" ||
			die "compiling runtime/server failed"
	done
}

# shim_objects DIR ROLE: the objects of the shim for the server or for a tool (libc/README).
shim_objects() {
	local object
	for object in "$1"/*/*.o; do
		case $2:${object#"$1"/} in
		*:tools/* | tool:server/* | server:libc/nofork.c.o | server:libc/nomodules.c.o | tool:libc/fork.c.o) ;;
		*) printf '%s\n' "$object" ;;
		esac
	done
}

# link_module OUT OBJECT...: one WebAssembly module. The stack comes first in memory, so that running
# over its end traps and does not write over data.
link_module() {
	local out=$1
	shift
	"$PGLITE_WASM_LD" -o "$out.new" \
		--error-limit=0 --fatal-warnings --no-entry --export-table --strip-debug \
		--initial-memory=16777216 --max-memory=2147418112 \
		--stack-first -z stack-size=4194304 \
		--allow-undefined-file="$RUNTIME/libc/imports.txt" \
		"${link_flags[@]}" "$@" "$PGLITE_COMPILER_RT"
	chmod -x "$out.new"
	mv "$out.new" "$out"
}

read_link_flags() {
	mapfile -t link_flags < <(sed -n 's/^[A-Za-z_].*/--export-if-defined=&/p' "$RUNTIME/libc/exports.txt"
		sed -n 's/^[A-Za-z_]*$/--wrap=&/p' "$RUNTIME/lists/wraps.txt" | grep -v '=$')
}

# link_server OUT LIST SHIM LIBC: the postmaster and its modules, from the list of write_server_link.
link_server() {
	local out=$1 list=$2 shim=$3 libc=$4 wraps inputs
	mapfile -t wraps < <(sed -n 's/^server \(.*\)/--wrap=\1/p' "$RUNTIME/lists/wraps.txt")
	mapfile -t inputs < <(shim_objects "$shim" server; cat "$list")
	read_link_flags
	link_module "$out" "${wraps[@]}" "${inputs[@]}" "$libc"
}

# link_tool OUT RECORD TREE SHIM LIBC: one client program. With libpq, its copies of the common functions
# come first, so that there is one copy of each.
link_tool() {
	local out=$1 record=$2 tree=$3 shim=$4 libc=$5 inputs
	mapfile -t inputs < <(
		shim_objects "$shim" tool
		grep '\.o$' "$record"
		if grep -q '/libpq\.a$' "$record"; then
			printf '%s\n' "$shim/tools/encnames.c.o" "$tree"/src/{common/libpgcommon,port/libpgport}_shlib.a
		fi
		grep '\.a$' "$record"
	)
	read_link_flags
	link_module "$out" "${inputs[@]}" "$libc"
}

# defined_names FILE...: the global names that objects and archives define.
defined_names() {
	"$LLVM_NM" --defined-only --extern-only -j "$@" 2>/dev/null | grep -v ':$' | sort -u
}

# allowed_imports: "module name" of what a host has: libc/imports.txt, the functions of abi.h, and invoke_*.
allowed_imports() {
	sed -n -e 's/^__wasi_\([a-z_]*\)$/wasi_snapshot_preview1 \1/p' -e 's/^\([A-Za-z_][A-Za-z_0-9]*\)$/env \1/p' "$RUNTIME/libc/imports.txt"
	sed -n 's/^HOST(\([a-z_]*\)).*/pglite \1/p' "$RUNTIME/libc/abi.h"
}

# check_imports DIR: no module may want more of the host than is allowed. The linker's own list does not
# see imports that a header has named.
check_imports() {
	local module imports more
	for module in "$1"/*.wasm; do
		imports=$(perl "$RUNTIME/lib/imports.pl" "$module") || die "the imports of $module cannot be read"
		more=$(grep -v -e '^$' -e '^env invoke_[a-z]*$' <<<"$imports" | grep -v -x -F -f <(allowed_imports)) || continue
		die "$(basename "$module") imports what no host has: ${more//$'\n'/, }"
	done
}

# check_paths DIR FOLDER...: no file in DIR may name one of the folders of this machine's build.
check_paths() {
	local dir=$1 found
	shift
	found=$(printf '%s\n' "$@" | grep -r -l -a -F -f - "$dir" | head -n 3) || return 0
	die "these files name folders of the build: ${found//$'\n'/, }"
}
