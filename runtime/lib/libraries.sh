# shellcheck shell=bash
# The libraries that PostgreSQL is built with: zlib, LZ4 and Zstandard, from their source packages, without their own
# build systems. Each stage has include/, lib/ and LICENSE; wcc looks there as if it were the system's (PGLITE_LIBRARIES).

library_names=(zlib lz4 zstd)

# LIBRARY_TARBALL, LIBRARY_SUM: by library, of those that were found.
declare -A LIBRARY_TARBALL=() LIBRARY_SUM=()

# library_package NAME: Debian's name of its source package.
library_package() {
	case $1 in
	zstd) echo libzstd ;;
	*) echo "$1" ;;
	esac
}

# library_sources NAME: its C files, as patterns below its source.
library_sources() {
	case $1 in
	zlib) printf '%s\n' '*.c' ;;
	lz4) printf '%s\n' lib/{lz4,lz4hc,lz4frame,xxhash}.c ;;
	zstd) printf '%s\n' lib/{common,compress,decompress}/'*.c' ;;
	esac
}

# library_flags NAME: how it wants to be compiled. Two libraries have an xxhash each.
library_flags() {
	case $1 in
	zlib) printf '%s\n' -DHAVE_UNISTD_H=1 -DHAVE_STDARG_H=1 ;;
	lz4) printf '%s\n' -DXXH_NAMESPACE=LZ4_ ;;
	zstd) printf '%s\n' -DXXH_NAMESPACE=ZSTD_ -DZSTD_DISABLE_ASM -DZSTD_LEGACY_SUPPORT=0 ;;
	esac
}

# library_headers NAME: its public headers.
library_headers() {
	case $1 in
	zlib) printf '%s\n' zlib.h zconf.h ;;
	lz4) printf '%s\n' lib/{lz4,lz4hc,lz4frame}.h ;;
	zstd) printf '%s\n' lib/{zstd,zstd_errors}.h ;;
	esac
}

# library_license NAME: the file with its licence.
library_license() {
	case $1 in
	lz4) echo lib/LICENSE ;;
	*) echo LICENSE ;;
	esac
}

# library_archive NAME: the NAME of -lNAME.
library_archive() {
	case $1 in
	zlib) echo z ;;
	*) echo "$1" ;;
	esac
}

# find_libraries sets LIBRARY_TARBALL and LIBRARY_SUM. What is not given by ZLIB_SOURCE, LZ4_SOURCE, ZSTD_SOURCE comes from
# Debian's archive, and is kept with PostgreSQL's source; elsewhere PostgreSQL does without.
find_libraries() {
	local name variable missing=() dir=$CACHE/download/libraries
	for name in "${library_names[@]}"; do
		variable=${name^^}_SOURCE
		if [ -n "${!variable-}" ]; then
			[ -f "${!variable}" ] || die "$variable: there is no file ${!variable}"
			LIBRARY_TARBALL[$name]=$(readlink -f "${!variable}")
		elif is_debian; then
			missing+=("$name")
		else
			step "note: PostgreSQL is built without $name; set $variable to its source tarball for it"
		fi
	done
	[ ${#missing[@]} = 0 ] || download_libraries "$dir" "${missing[@]}"
	for name in "${!LIBRARY_TARBALL[@]}"; do
		LIBRARY_SUM[$name]=$(sha256sum <"${LIBRARY_TARBALL[$name]}" | cut -d ' ' -f 1)
	done
}

# download_libraries DIR NAME…: the tarballs, if they are not all in DIR. Debian's patches do not concern what is taken.
download_libraries() {
	local dir=$1 name packages=()
	shift
	[ -z "$UPDATE" ] || rm -rf "$dir"
	for name; do
		packages+=("$(library_package "$name")")
		compgen -G "$dir/${packages[-1]}_*.orig.tar.*" >/dev/null || rm -rf "$dir"
	done
	if [ ! -d "$dir" ]; then
		step "downloading the sources of $*"
		rm -rf "$dir.new"
		mkdir -p "$dir.new"
		apt_sources "$dir.new" sid "set ZLIB_SOURCE, LZ4_SOURCE and ZSTD_SOURCE to their source tarballs" --tar-only "${packages[@]}"
		mv "$dir.new" "$dir"
	fi
	for name; do
		LIBRARY_TARBALL[$name]=$(compgen -G "$dir/$(library_package "$name")_*.orig.tar.*") ||
			die "Debian's source package $(library_package "$name") has no .orig.tar file"
	done
}

# library_inputs: a line for each library, for keys.
library_inputs() {
	local name
	for name in "${library_names[@]}"; do
		printf '%s %s\n' "$name" "${LIBRARY_SUM[$name]-none}"
	done
}

# library_arguments: what configure is told. The flags keep it from asking pkg-config for the machine's own.
library_arguments() {
	local name
	for name in "${library_names[@]}"; do
		case $name:${LIBRARY_SUM[$name]:+found} in
		zlib:found) echo --with-zlib ;;
		*:found) printf '%s\n' "--with-$name" "${name^^}_CFLAGS=-O2" "${name^^}_LIBS=-l$(library_archive "$name")" ;;
		*:) echo "--without-$name" ;;
		esac
	done
}

# check_libraries PG_CONFIG_H: each library that is there has to be used.
check_libraries() {
	local name macro
	for name in "${!LIBRARY_SUM[@]}"; do
		case $name in
		zlib) macro=HAVE_LIBZ ;;
		*) macro=USE_${name^^} ;;
		esac
		grep -q "^#define $macro 1" "$1" || die "configure did not find $name; see config.log beside $1"
	done
}

compile_library_file() {
	local library=$1 file=$2 out=$3 options
	mapfile -t options < <(library_flags "$library")
	"$RUNTIME/wcc" -O2 -w "${options[@]}" -c "$file" -o "$out/$(basename "$file" .c).o"
}

# configure_zlib ZCONF_H: what zlib's own configure does to its header, so that a file's offset has off_t's size for all.
configure_zlib() {
	sed -i -E 's/^#(ifdef HAVE_UNISTD_H|if HAVE_UNISTD_H-0) .*/#if 1/' "$1"
	grep -q '^#if 1$' "$1" || die "zlib's zconf.h has no line of HAVE_UNISTD_H"
}

# build_library DIR NAME makes DIR/include, DIR/lib and DIR/LICENSE.
build_library() {
	local dir=$1 name=$2 source file sources patterns
	mkdir -p "$dir/source" "$dir/objects" "$dir/include" "$dir/lib"
	tar -xf "${LIBRARY_TARBALL[$name]}" -C "$dir/source" || die "${LIBRARY_TARBALL[$name]} cannot be unpacked"
	source=$(compgen -G "$dir/source/*/$(library_license "$name")") || die "${LIBRARY_TARBALL[$name]} holds no source of $name"
	cp "$source" "$dir/LICENSE"
	source=${source%"/$(library_license "$name")"}
	for file in $(library_headers "$name"); do
		cp "$source/$file" "$dir/include" || die "$name has no $file"
	done
	[ "$name" != zlib ] || configure_zlib "$dir/include/zconf.h"
	mapfile -t patterns < <(library_sources "$name")
	mapfile -t sources < <(cd "$source" && for file in "${patterns[@]}"; do compgen -G "$file" || exit; done | sort)
	[ ${#sources[@]} -gt 3 ] || die "$name lacks C files"
	export -f compile_library_file library_flags
	# shellcheck disable=SC2016
	(cd "$source" && printf '%s\n' "${sources[@]}" | PGLITE_PREFIX_MAP=$source logged "$CACHE/log/$name.log" "compiling $name" \
		xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'compile_library_file "$1" "$2" "$3" || { echo "in $2"; exit 255; }' - "$name" {} "$dir/objects") || exit
	(cd "$dir/objects" && "$LLVM_AR" rcsD "../lib/lib$(library_archive "$name").a" ./*.o)
	rm -r "$dir/objects" "$dir/source"
}

# compile_libraries makes a stage each, and tells wcc of them.
compile_libraries() {
	local name folders=()
	for name in "${library_names[@]}"; do
		[ -n "${LIBRARY_SUM[$name]-}" ] || continue
		stage "$name" "$({ echo "$COMPILER_KEY ${LIBRARY_SUM[$name]}"; file_sums lib/libraries.sh; } | key)" "compiling $name" make_library "$name"
		folders+=("$STAGE")
	done
	PGLITE_LIBRARIES=$(IFS=: && echo "${folders[*]}")
	export PGLITE_LIBRARIES
}
