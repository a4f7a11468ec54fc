# shellcheck shell=bash
# Machine code of the modules, made ahead of time: engine/internal/machine/native/translate writes a module as C, clang compiles that for a
# processor to bin/PROGRAM.PROCESSOR.so, one file without relocations that the engine maps as it is.

# The processors, by Go's names, and what clang is told about them. x86-64-v2 is what PostgreSQL's own code needs no check for (popcount,
# SSE4); x28 is Go's, x18 some systems'.
declare -A code_target=(
	[amd64]="-target x86_64-unknown-linux-gnu -march=x86-64-v2 -fcf-protection=none"
	[arm64]="-target aarch64-unknown-linux-gnu -ffixed-x18 -ffixed-x28 -mno-outline-atomics"
)

# What the form of the code wants: no libc (-fno-builtin also keeps clang from making calls of memcpy), wrapping integers, no contraction of
# floats, nothing about stack traces, and no names of files or dates.
code_flags=(
	-O2 -fPIC -ffreestanding -fno-builtin -fwrapv -fno-strict-aliasing -fno-delete-null-pointer-checks -ffp-contract=off -fno-math-errno
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-ident -fvisibility=hidden -fbracket-depth=8192 -w
)

# code_toolchain: what decides about the bytes of machine code besides the C.
code_toolchain() {
	"$PGLITE_CLANG" --version | head -n 1
	"$PGLITE_LD" --version | head -n 1
	printf '%s\n' "${code_flags[@]}" "${code_target[$1]}"
}

# compile_code_file PROCESSOR FILE OBJECT: shows a dot.
compile_code_file() {
	local flags
	read -ra flags <<<"${code_target[$1]}"
	case $2 in
	*.c) flags+=("${code_flags[@]}") ;;
	*) flags=("${flags[@]:0:2}") ;;
	esac
	"$PGLITE_CLANG" "${flags[@]}" -c "$2" -o "$3.new" && mv "$3.new" "$3" && printf . >&2
}

# find_processors sets PROCESSORS, those that machine code is made for: none, this machine's, or those that PGLITE_NATIVE names.
find_processors() {
	PROCESSORS=${PGLITE_NATIVE:-off}
	[ "$PROCESSORS" != yes ] || PROCESSORS=$(uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
	[ "$PROCESSORS" != off ] || PROCESSORS=
	local processor
	for processor in $PROCESSORS; do
		[ -n "${code_target[$processor]-}" ] || die "PGLITE_NATIVE names $processor; known are off, yes (this machine) and: ${!code_target[*]}"
	done
}

# code_inputs: what decides about the machine code besides the modules: the compiler and the translator.
code_inputs() {
	local processor
	for processor in $PROCESSORS; do
		code_toolchain "$processor"
	done
	[ -z "$PROCESSORS" ] || (
		cd "$RUNTIME/../engine/internal" || exit
		find wasm machine/*.go machine/native/source.go machine/native/translate -type f ! -name '*_test.go' ! -path '*/testdata/*' |
			LC_ALL=C sort | xargs sha256sum --
	)
}

# make_program_code MODULE PARTS PROCESSOR STAGE: STAGE/bin/PROGRAM.PROCESSOR.so, and STAGE/symbols, the same with names for perf and gdb.
make_program_code() {
	local module=$1 parts=$2 processor=$3 stage=$4 program name objects
	program=$(basename "$module" .wasm)
	name=$program.$processor.so
	step "  $name"
	CGO_ENABLED=0 go run -C "$RUNTIME/.." ./engine/internal/machine/native/translate -parts "$parts" "$module" "$stage/c" ||
		die "$program cannot be translated"
	mapfile -t objects < <(compile_code "$stage/c" "$processor" "$CACHE/code-objects" || echo failed)
	[ "${objects[*]: -1}" != failed ] || die "compiling the machine code of $program failed"
	[ ! -s "$stage/c/missing.txt" ] || echo >&2
	link_code "$stage/symbols/$name" "${objects[@]}"
	link_code "$stage/bin/$name" --strip-all "${objects[@]}"
	chmod -x "$stage/bin/$name"
	rm -r "$stage/c"
}

# code_sources DIR PROCESSOR: the files to compile.
code_sources() {
	(cd "$1" && printf '%s\n' *.c tables.s "$2.s")
}

# compile_code DIR PROCESSOR OBJECTS: compiles the C of DIR. OBJECTS keeps an object under the sum of all that goes into it, so that what
# has not changed is not compiled again. Prints the objects' names.
compile_code() {
	local dir=$1 processor=$2 kept=$3 common file sum
	mkdir -p "$kept"
	common=$({ code_toolchain "$processor"; cat "$dir"/*.h; } | sha256sum)
	code_sources "$dir" "$processor" | while read -r file; do
		case $file in
		tables.s) sum=$(cd "$dir" && { echo "$common"; cat tables.s description.txt data*.bin; } 2>/dev/null | sha256sum) ;;
		*) sum=$({ echo "$common"; cat "$dir/$file"; } | sha256sum) ;;
		esac
		printf '%s %s\n' "$file" "$kept/${sum:0:40}.o"
	done >"$dir/objects.txt"
	awk '{print $1; print $2}' "$dir/objects.txt" | while read -r file && read -r sum; do
		[ -f "$sum" ] || printf '%s\n%s\n' "$file" "$sum"
	done >"$dir/missing.txt"
	(
		cd "$dir" || exit
		# shellcheck disable=SC2016 # $1 and $2 are of the inner shell
		PGLITE_CODE=$processor xargs -r -n 2 -P "$(nproc)" bash -c '. "$RUNTIME/lib/code.sh"; compile_code_file "$PGLITE_CODE" "$@"' - <missing.txt
	) || return
	awk '{print $2}' "$dir/objects.txt"
}

# link_code OUT OBJECT...: one loadable segment, readable and executable, that begins with the file: the file can be mapped whole.
link_code() {
	local out=$1
	shift
	"$PGLITE_LD" -shared -z text -z noseparate-code -z norelro -z rodynamic -z max-page-size=65536 --no-rosegment --hash-style=sysv --build-id=none \
		-Bsymbolic --entry=HEADER -o "$out.new" "$@" && mv "$out.new" "$out"
}
