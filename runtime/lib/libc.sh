# shellcheck shell=bash
# The C library: musl's sources from the Emscripten package, compiled with a 64-bit time_t, and
# dlmalloc. What a host kernel has to do itself is in runtime/libc, which comes first in every link.

# musl_sources: the files of musl that are wanted, relative to system/lib.
musl_sources() {
	(cd "$PGLITE_EMSCRIPTEN/system/lib" && find libc/musl/src -name '*.c' | sort) |
		grep -v -x -F -f <(musl_excluded)
	cat <<-'END'
		pthread/library_pthread_stub.c
		pthread/pthread_self_stub.c
		dlmalloc.c
		sbrk.c
	END
}

# musl_excluded expands the patterns of lists/musl-excluded.txt; a pattern that fits nothing is an error,
# so that the list cannot rot.
musl_excluded() {
	local pattern files
	while read -r pattern; do
		case $pattern in '' | '#'*) continue ;; esac
		files=$(cd "$PGLITE_EMSCRIPTEN/system/lib" && compgen -G "libc/musl/src/$pattern") ||
			[[ $pattern = \?* ]] || die "lists/musl-excluded.txt: nothing is named $pattern"
		printf '%s\n' "$files"
	done <"$RUNTIME/lists/musl-excluded.txt"
}

# libc_flags: how musl wants to be compiled (Emscripten's tools/system_libs.py is the model).
libc_flags() {
	local lib=$PGLITE_EMSCRIPTEN/system/lib
	printf '%s\n' -O2 -fno-builtin -std=c99 -D_XOPEN_SOURCE=700 -DNDEBUG -w \
		-I"$lib/libc/musl/src/internal" -I"$lib/libc/musl/src/include" -I"$lib/pthread" \
		"-ffile-prefix-map=$lib=libc"
}

# Names that runtime/libc defines too, in files where the others are wanted.
libc_shadowed() {
	local name
	for name in sem_init sem_post sem_wait sem_trywait sem_destroy emscripten_thread_sleep; do
		printf -- '-D%s=__stub_%s\n' $name $name
	done
}

compile_libc_file() {
	local file=$1 out=$2 options
	mapfile -t options < <(libc_flags)
	case $file in
	dlmalloc.c | sbrk.c) options=(-O2 -fno-builtin -DNDEBUG -w) ;;
	pthread/library_pthread_stub.c) mapfile -t -O ${#options[@]} options < <(libc_shadowed) ;;
	esac
	"$RUNTIME/wcc" "${options[@]}" -c "$PGLITE_EMSCRIPTEN/system/lib/$file" -o "$out/$(tr / _ <<<"${file%.c}").o"
}

# build_libc DIR makes DIR/libc.a.
build_libc() {
	local dir=$1
	mkdir -p "$dir/objects"
	musl_sources >"$dir/sources.txt"
	export -f compile_libc_file libc_flags libc_shadowed
	export RUNTIME
	# shellcheck disable=SC2016
	logged "$dir/libc.log" "compiling the C library" \
		xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'compile_libc_file "$1" "$2" || { echo "in $1"; exit 255; }' - {} "$dir/objects" <"$dir/sources.txt"
	rm -f "$dir/libc.a"
	(cd "$dir/objects" && "$LLVM_AR" rcsD ../libc.a ./*.o)
	rm -r "$dir/objects"
}
