# shellcheck shell=bash
# The files beside the modules: PostgreSQL's share folder, time zones, and an empty file for each
# loadable module, because PostgreSQL looks for one before it asks dlopen.

# install_share TREE STAGE: what "make install" puts into share, by PostgreSQL's own makefiles.
install_share() {
	local tree=$1 stage=$2 dir root
	root=$(mktemp -d)
	mkdir -p "$root/pg/include/postgresql/server/catalog" # nobody else makes it
	for dir in src/include/catalog src/backend src/timezone src/bin/psql src/interfaces/libpq $(module_folders); do
		PGLITE_MODULE_ROOT=$tree pg_make "$tree" "$dir" install "DESTDIR=$root" || return
	done
	rm -rf "$root/pg/share/doc"
	mkdir -p "$stage/share" && cp -R "$root/pg/share/." "$stage/share" || return
	rm -rf "$root"
	[ -f "$stage/share/postgresql/postgres.bki" ] || die "make install left no share/postgresql/postgres.bki"
}

# install_zoneinfo SOURCE STAGE: the time zones of PostgreSQL's source, compiled by this machine's zic.
install_zoneinfo() {
	local data=$1/src/timezone/data/tzdata.zi zic
	zic=$(PATH=$PATH:/usr/sbin:/sbin first_of zic) || die "no zic found; install the package that has it (libc-bin or tzdata)"
	[ -f "$data" ] || die "PostgreSQL's source has no src/timezone/data/tzdata.zi"
	mkdir -p "$2/share/zoneinfo"
	"$zic" -b slim -d "$2/share/zoneinfo" "$data"
	[ -f "$2/share/zoneinfo/Europe/Berlin" ] || die "zic made no share/zoneinfo/Europe/Berlin"
}

install_module_names() {
	local tree=$1 stage=$2 record
	mkdir -p "$stage/lib/postgresql"
	module_records "$tree" | while read -r record; do
		: >"$stage/lib/postgresql/$(basename "$record")"
	done
}
