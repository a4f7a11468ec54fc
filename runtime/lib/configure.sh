# shellcheck shell=bash
# PostgreSQL's own configure. Its link tests see our libc and nothing else (wcc), so pg_config.h is true.

configure_arguments() {
	printf '%s\n' \
		--build=x86_64-pc-linux-gnu --host=wasm32-unknown-emscripten \
		--with-template=linux --prefix=/pg \
		--without-readline --without-icu \
		--disable-rpath --disable-largefile --with-system-tzdata=/pg/share/zoneinfo \
		CC=wcc AR=wasm-ar RANLIB=wasm-ranlib LD=false CFLAGS=-O2
	library_arguments
	grep -v '^#' "$RUNTIME/lists/configure-cache.txt"
}

# compiler_path DIR: a folder with the compiler's programs under the names that configure is given;
# names without a folder, because they end up in the server (pg_config).
compiler_path() {
	mkdir -p "$1"
	ln -sf "$RUNTIME/wcc" "$1/wcc"
	ln -sf "$LLVM_AR" "$1/wasm-ar"
	ln -sf "$LLVM_RANLIB" "$1/wasm-ranlib"
}

# run_configure TREE SOURCE LIBC...: configure TREE, which is beside SOURCE, against the archives of the libc.
# The build machine is always called the same: it only has to be another one than the host.
run_configure() {
	local tree=$1 source=$2 arguments
	shift 2
	mkdir -p "$tree"
	compiler_path "$tree/.compiler"
	mapfile -t arguments < <(configure_arguments)
	(
		cd "$tree" || exit
		export PATH=$tree/.compiler:$PATH PGLITE_LINK=test PGLITE_LIBC="$*" PGLITE_PREFIX_MAP=${tree%/*}
		logged "$tree/configure.log" "configuring PostgreSQL" "../$(basename "$source")/configure" "${arguments[@]}"
	)
	check_configured "$tree/src/include/pg_config.h"
	check_libraries "$tree/src/include/pg_config.h"
}

# check_configured PG_CONFIG_H: what PostgreSQL must have been given, whatever else configure found.
check_configured() {
	local name
	for name in USE_UNNAMED_POSIX_SEMAPHORES USE_SYSV_SHARED_MEMORY HAVE_GCC__ATOMIC_INT32_CAS HAVE_GCC__ATOMIC_INT64_CAS \
		HAVE_GCC__SYNC_INT32_TAS HAVE_POSIX_FADVISE HAVE_PPOLL HAVE_STRSIGNAL HAVE_MKDTEMP; do
		grep -q "^#define $name 1" "$1" || die "configure did not find $name; see config.log beside $1"
	done
	! grep -E '^#define (HAVE_SYS_EPOLL_H|HAVE_SYS_SIGNALFD_H|HAVE_SYNC_FILE_RANGE|HAVE_SYNCFS|HAVE_COPY_FILE_RANGE) 1' "$1" ||
		die "configure found a function that no host has; see config.log beside $1"
}

# configured_sums STAGE: what of a configured tree decides how PostgreSQL is compiled.
configured_sums() {
	(
		cd "$1/server" || exit
		sha256sum src/include/pg_config.h
		[ ! -f src/include/pg_config_ext.h ] || sha256sum src/include/pg_config_ext.h # PostgreSQL 17
		sed "s|$1||g" src/Makefile.global | sha256sum
	)
}
