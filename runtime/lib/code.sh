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
	-fPIC -ffreestanding -fno-builtin -fwrapv -fno-strict-aliasing -fno-delete-null-pointer-checks -ffp-contract=off -fno-math-errno
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-ident -fvisibility=hidden -fbracket-depth=8192 -w
)

# code_speed PROGRAM: how much work clang takes. The server is to be fast. The other programs wait for it, so they are to be small: -Os makes
# an eighth less of the archive, and takes a sixth less time without inlining once more what was inlined for the module.
code_speed() {
	case $1 in
	postgres) echo -O2 ;;
	*) echo -Os -fno-inline-functions -fno-vectorize -fno-slp-vectorize ;;
	esac
}

# code_toolchain PROCESSOR: what decides about the bytes of machine code besides the C and code_speed.
code_toolchain() {
	"$PGLITE_CLANG" --version | head -n 1
	"$PGLITE_LD" --version | head -n 1
	printf '%s\n' "${code_flags[@]}" "${code_target[$1]}"
}

# compile_code_file PROCESSOR FILE OBJECT SPEED: shows a dot.
compile_code_file() {
	local flags more
	read -ra flags <<<"${code_target[$1]}"
	read -ra more <<<"$4"
	case $2 in
	*.c) flags+=("${code_flags[@]}" "${more[@]}") ;;
	*) flags=("${flags[@]:0:2}") ;;
	esac
	"$PGLITE_CLANG" "${flags[@]}" -c "$2" -o "$3.new" && mv "$3.new" "$3" && printf . >&2
}

# find_processors sets PROCESSORS, those that machine code is made for: this machine's, none, or those that PGLITE_NATIVE names.
find_processors() {
	local processor
	PROCESSORS=${PGLITE_NATIVE:-yes}
	case $PROCESSORS in
	off) PROCESSORS= ;;
	yes)
		PROCESSORS=$(uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
		[ -n "${code_target[$PROCESSORS]-}" ] || { step "note: no machine code is made for $PROCESSORS"; PROCESSORS=; }
		;;
	esac
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

# translate_program MODULE DIR: the C of a module in DIR, in files that a processor compiles in seconds.
translate_program() {
	local module=$1 parts
	parts=$(($(stat -c %s "$module") / 400000 + 1))
	"$translator" -parts "$parts" "$module" "$2" || die "$(basename "$module") cannot be translated"
}

# code_sources DIR PROCESSOR: the files to compile.
code_sources() {
	(cd "$1" && printf '%s\n' *.c tables.s "$2.s")
}

# name_objects DIR PROCESSOR SPEED OBJECTS: DIR/objects.txt, a line for each file to compile: the file, its object in OBJECTS, where it has
# the sum of all that goes into it as its name, and SPEED.
name_objects() {
	local dir=$1 processor=$2 speed=$3 kept=$4 common file sum
	mkdir -p "$kept"
	common=$({ code_toolchain "$processor"; echo "$speed"; cat "$dir"/*.h; } | sha256sum)
	code_sources "$dir" "$processor" | while read -r file; do
		case $file in
		tables.s) sum=$(cd "$dir" && { echo "$common"; cat tables.s description.txt data*.bin; } 2>/dev/null | sha256sum) ;;
		*) sum=$({ echo "$common"; cat "$dir/$file"; } | sha256sum) ;;
		esac
		printf '%s\t%s\t%s\n' "$dir/$file" "$kept/${sum:0:40}.o" "$speed"
	done >"$dir/objects.txt"
}

# missing_objects DIR...: file, object and speed, a line each, of what the objects.txt of the folders name and is not there, the largest file
# first: the last to end is then a small one. Some programs have a file in common.
missing_objects() {
	local dir file object speed
	for dir; do cat "$dir/objects.txt"; done | sort -u -t $'\t' -k 2,2 | while IFS=$'\t' read -r file object speed; do
		[ -f "$object" ] || printf '%s\t%s\t%s\t%s\n' "$(stat -c %s "$file")" "$file" "$object" "$speed"
	done | sort -rn | cut -f 2- | tr '\t' '\n'
}

# compile_code PROCESSOR DIR...: compiles what is not there.
compile_code() {
	local processor=$1
	shift
	# shellcheck disable=SC2016 # $1 and the others are of the inner shell
	missing_objects "$@" | PGLITE_CODE=$processor xargs -r -d '\n' -n 3 -P "$(nproc)" bash -c \
		'. "$RUNTIME/lib/code.sh"; cd "$(dirname "$1")" && compile_code_file "$PGLITE_CODE" "$(basename "$1")" "$2" "$3"' -
}

# link_program PROGRAM PROCESSOR STAGE: STAGE/bin/PROGRAM.PROCESSOR.so, and STAGE/symbols, the same with names for perf and gdb.
link_program() {
	local name=$1.$2.so stage=$3 objects
	mapfile -t objects < <(cut -f 2 "$stage/c/$1/objects.txt")
	link_code "$stage/symbols/$name" "${objects[@]}"
	link_code "$stage/bin/$name" --strip-all "${objects[@]}"
	chmod -x "$stage/bin/$name"
}

# make_processor_code PROCESSOR TREE STAGE: the machine code of all programs of the runtime in TREE.
make_processor_code() {
	local processor=$1 tree=$2 stage=$3 translator=$3/translate module program
	CGO_ENABLED=0 go build -C "$RUNTIME/.." -o "$translator" ./engine/internal/machine/native/translate || die "the translator cannot be built"
	for module in "$tree"/bin/*.wasm; do
		program=$(basename "$module" .wasm)
		translate_program "$module" "$stage/c/$program"
		name_objects "$stage/c/$program" "$processor" "$(code_speed "$program")" "$CACHE/code-objects"
	done
	compile_code "$processor" "$stage"/c/* || die "compiling the machine code failed"
	echo >&2
	for module in "$tree"/bin/*.wasm; do
		link_program "$(basename "$module" .wasm)" "$processor" "$stage"
	done
	rm -r "$stage/c" "$translator"
}

# link_code OUT OBJECT...: one loadable segment, readable and executable, that begins with the file: the file can be mapped whole.
link_code() {
	local out=$1
	shift
	"$PGLITE_LD" -shared -z text -z noseparate-code -z norelro -z rodynamic -z max-page-size=65536 --no-rosegment --hash-style=sysv --build-id=none \
		-Bsymbolic --entry=HEADER -o "$out.new" "$@" && mv "$out.new" "$out"
}
