# shellcheck shell=bash
# The test drivers, built natively from the same source as the runtime: pg_regress, pg_isolation_regress, isolationtester and psql.

step() { printf 'regress: %s\n' "$*" >&2; }

die() {
	printf 'regress: error: %s\n' "$*" >&2
	exit 1
}

# logged FILE WHAT COMMAND...: run a noisy command with its output in FILE; on failure show the end of it.
logged() {
	local log=$1 what=$2
	shift 2
	mkdir -p "$(dirname "$log")"
	if ! "$@" >"$log" 2>&1; then
		tail -n 25 "$log" >&2
		die "$what failed; the whole output is in $log"
	fi
}

# needed_packages replaces the runtime's list: what a native build needs.
needed_packages() {
	local program package
	while read -r program package; do
		command -v "$program" >/dev/null 2>&1 || printf '%s\n' "$package"
	done <<-'END'
		gcc gcc
		make make
		flex flex
		bison bison
		perl perl
		bzip2 bzip2
		diff diffutils
		flock util-linux
	END
	[ -f /usr/include/stdio.h ] || echo libc6-dev
}

# have_programs: the same elsewhere than on Debian.
have_programs() {
	local program
	for program in cc make flex bison perl bzip2 diff; do
		command -v "$program" >/dev/null 2>&1 || die "$program is not installed; install it and run this again"
	done
}

# configure_natively SOURCE BUILD PREFIX
configure_natively() {
	(cd "$2" && "$1/configure" --prefix="$3" --without-icu --without-readline --without-zlib CFLAGS=-O1)
}

make_programs() {
	make -s -C "$1/src/backend" generated-headers &&
		make -s -j"$(nproc)" -C "$1/src/bin/psql" &&
		make -s -C "$1/src/test/regress" pg_regress &&
		make -s -C "$1/src/test/isolation" pg_isolation_regress isolationtester
}

# make_drivers: bin/, lib/ and the suites' own folders, regress/, isolation/ and contrib/ (with PL/pgSQL's), in STAGE.
make_drivers() {
	local source build=$STAGE/build log=$CACHE/log
	unpack_source "$STAGE"
	source=$STAGE/postgresql
	mkdir "$build" "$STAGE/bin" "$STAGE/lib"
	logged "$log/configure-$PG_MAJOR.log" "configuring the test drivers" configure_natively "$source" "$build" "$STAGE"
	logged "$log/make-$PG_MAJOR.log" "compiling the test drivers" make_programs "$build"
	cp "$build/src/bin/psql/psql" "$build/src/test/regress/pg_regress" "$build/src/test/isolation/pg_isolation_regress" \
		"$build/src/test/isolation/isolationtester" "$STAGE/bin"
	cp -P "$build"/src/interfaces/libpq/libpq.* "$STAGE/lib"
	mv "$source/src/test/regress" "$source/src/test/isolation" "$source/contrib" "$STAGE"
	mv "$source/src/pl/plpgsql/src" "$STAGE/contrib/plpgsql"
	pg_version "$source" >"$STAGE/version"
	rm -rf "$source" "$build"
}

# find_drivers sets DRIVERS to the folder that make_drivers has made for the current source. The source is the runtime's: its
# build's functions fetch it into the build's own cache, under the build's lock.
find_drivers() {
	mkdir -p "$BASE/regress/log" "$BASE/runtime-build/$PG_MAJOR/log"
	unset EMCC
	CACHE=$BASE/regress
	install_packages
	# shellcheck disable=SC2034 # for find_source
	CACHE=$BASE/runtime-build/$PG_MAJOR UPDATE=
	exec 9>"$CACHE/lock"
	compgen -G "$CACHE/download/*.dsc" >/dev/null || flock 9
	find_source
	CACHE=$BASE/regress
	exec 9>"$CACHE/lock"
	flock 9
	stage "drivers-$PG_MAJOR" "$({ sha256sum <"$SOURCE_TARBALL"; gcc -dumpversion 2>/dev/null; declare -f configure_natively make_programs make_drivers; } | key)" \
		"building the test drivers of PostgreSQL $PG_MAJOR" make_drivers
	exec 9>&-
	# shellcheck disable=SC2034 # the result
	DRIVERS=$STAGE
}
