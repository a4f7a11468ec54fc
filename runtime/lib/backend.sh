# shellcheck shell=bash
# PostgreSQL's objects: the server, the loadable modules, the client programs. Its own makefiles compile
# them; wcc writes down what would have been linked.

# pg_make TREE DIR TARGET...: make in a folder of a configured tree.
pg_make() {
	local tree=$1 dir=$2
	shift 2
	PATH=$tree/.compiler:$PATH PGLITE_LINK=record PGLITE_PREFIX_MAP=$(dirname "$tree") \
		make -s -j "$(nproc)" -C "$tree/$dir" "$@"
}

# The support libraries come first: parallel makes that each want them get in each other's way. The server has TLS without OpenSSL
# (runtime/server/tls.c), and the support libraries have none.
make_server() {
	pg_make "$1" src/backend generated-headers &&
		pg_make "$1" src/port all &&
		pg_make "$1" src/common all &&
		pg_make "$1" src/backend all COPT="-DUSE_SSL -DHAVE_BE_TLS_GET_CERTIFICATE_HASH"
}

make_tools() {
	pg_make "$1" src/interfaces/libpq all &&
		pg_make "$1" src/fe_utils all &&
		pg_make "$1" src/bin all
}

# The folders of loadable modules.
module_folders() {
	printf '%s\n' src/backend/{utils/mb/conversion_procs,snowball,replication/pgoutput,replication/libpqwalreceiver} \
		src/pl/plpgsql contrib
}

# regress.so is the C part of PostgreSQL's own test suite.
make_modules() {
	local dir
	for dir in $(module_folders); do
		PGLITE_MODULE_ROOT=$1 pg_make "$1" "$dir" all || return
	done
	PGLITE_MODULE_ROOT=$1 pg_make "$1" src/test/regress regress.so
}

# make_server_libpq TREE NEW: libpq once more, for modules in the server that are clients themselves
# (libpqwalreceiver, dblink, postgres_fdw). Its copies of the common functions get other names than the
# server's.
make_server_libpq() {
	local tree=$1 new=$2 dir
	second_tree "$(dirname "$tree")" "$tree" "$(dirname "$new")" "$new" || return
	"$LLVM_NM" --defined-only --extern-only -A "$tree"/src/{common/libpgcommon,port/libpgport}_shlib.a 2>/dev/null |
		awk '$(NF-1) ~ /^[TDBR]$/ {print $NF}' | sort -u >"$new/names"
	printf '%s\n' lo_read lo_write >>"$new/names"
	[ "$(wc -l <"$new/names")" -gt 100 ] || die "llvm-nm found no symbols in libpgcommon_shlib.a"
	sed 's/.*/#define & libpq_&/' "$new/names" >"$new/rename.h"
	pg_make "$new" src/backend generated-headers || return
	for dir in src/port src/common src/interfaces/libpq; do
		PGLITE_INCLUDE=$new/rename.h pg_make "$new" "$dir" all COPT=-w || return
	done
}

# second_tree DIR TREE NEWDIR NEW: a tree NEW in NEWDIR, configured as TREE in DIR is, without running the tests
# again. The source is DIR/source and NEWDIR/source.
second_tree() {
	mkdir -p "$4" && cp -RP "$2/.compiler" "$4" || return
	sed -e "s|$2|$4|g" -e "s|$1|$3|g" "$2/config.status" >"$4/config.status"
	(
		cd "$4" || exit
		sh "$3/source/config/prep_buildtree" "$3/source" . &&
			sh ./config.status --quiet
	)
}
