# shellcheck shell=bash
# PostgreSQL's source: Debian's source package, fetched by apt with a configuration of its own, so that
# nothing of the machine's changes; or the tarball that PG_SOURCE names.

# debian_suite MAJOR: the suite that has this major version. Its current minor release is taken.
debian_suite() {
	case $1 in
	18) echo sid ;;
	17) echo trixie ;;
	*) die "no Debian suite is known for PostgreSQL $1; set PG_SOURCE to its source tarball" ;;
	esac
}

# debian_entry: "URI keyring" of the machine's main Debian entry; the keyring may be missing.
debian_entry() {
	local file
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -f "$file" ] || continue
		awk -v RS= '
			/(^|\n)Types:[^\n]*deb/ && /(^|\n)Components:[^\n]*main/ {
				uri = keyring = ""
				n = split($0, line, "\n")
				for (i = 1; i <= n; i++) {
					split(line[i], word, /[ \t]+/)
					if (word[1] == "URIs:") uri = word[2]
					if (word[1] == "Signed-By:") keyring = word[2]
				}
				if (uri ~ /debian\/?$/) print uri, keyring
			}' "$file"
	done
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$file" ] || continue
		awk '$1 == "deb" && / main/ {
			keyring = ""
			if (match($0, /signed-by=[^] ]+/)) keyring = substr($0, RSTART + 10, RLENGTH - 10)
			sub(/\[[^]]*\] */, "")
			if ($2 ~ /debian\/?$/) print $2, keyring
		}' "$file"
	done
}

# private_apt DIR: the options that keep apt inside DIR.
private_apt() {
	printf '%s\n' -qq -o "Dir::Etc::sourcelist=$1/sources.list" -o Dir::Etc::sourceparts=- \
		-o "Dir::State::Lists=$1/lists" -o "Dir::Cache=$1/cache" -o Debug::NoLocking=1 \
		-o APT::Sandbox::User= -o APT::Get::Only-Source=true
}

# apt_sources DIR SUITE HINT OPTION|PACKAGE…: the files of source packages into DIR; apt checks signature and sums. HINT says what
# to do where there is no Debian archive.
apt_sources() {
	local dir=$1 suite=$2 hint=$3 uri keyring options
	shift 3
	is_debian || die "the source comes from Debian's archive; elsewhere $hint"
	read -r uri keyring < <(debian_entry) || die "no Debian archive in /etc/apt; $hint"
	mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
	printf 'deb-src %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$uri" "$suite" >"$dir/apt/sources.list"
	mapfile -t options < <(private_apt "$dir/apt")
	logged "$CACHE/log/source.log" "reading the package list of $uri $suite" apt-get "${options[@]}" -o APT::Update::Error-Mode=any update
	(cd "$dir" && logged "$CACHE/log/source.log" "downloading source packages from $uri $suite ($*)" \
		apt-get "${options[@]}" source --download-only "$@") ||
		die "the index of $suite may be ahead of the files: try again later, or $hint"
	rm -r "$dir/apt"
}

# find_source sets SOURCE_TARBALL and SOURCE_PACKAGE (name and version).
find_source() {
	local dir=$CACHE/download suite
	if [ -n "${PG_SOURCE-}" ]; then
		[ -f "$PG_SOURCE" ] || die "PG_SOURCE: there is no file $PG_SOURCE"
		SOURCE_TARBALL=$(readlink -f "$PG_SOURCE")
		SOURCE_PACKAGE=$(basename "$PG_SOURCE")
		return
	fi
	if [ -n "$UPDATE" ] || ! compgen -G "$dir/*.dsc" >/dev/null; then
		step "downloading the source of PostgreSQL $PG_MAJOR"
		suite=$(debian_suite "$PG_MAJOR")
		rm -rf "$dir.new"
		mkdir -p "$dir.new"
		apt_sources "$dir.new" "$suite" "set PG_SOURCE to postgresql-$PG_MAJOR.x.tar.bz2" "postgresql-$PG_MAJOR"
		rm -rf "$dir"
		mv "$dir.new" "$dir"
	fi
	SOURCE_TARBALL=$(compgen -G "$dir/*.orig.tar.*" | grep -v '\.asc$')
	# shellcheck disable=SC2034 # for the manifest
	SOURCE_PACKAGE=$(basename "$(compgen -G "$dir/*.dsc")" .dsc)
}

# unpack_source DIR: the tarball's content as DIR/postgresql.
unpack_source() {
	mkdir -p "$1/unpack"
	tar -xf "$SOURCE_TARBALL" -C "$1/unpack" || die "$SOURCE_TARBALL cannot be unpacked"
	[ -f "$(compgen -G "$1/unpack/*/configure")" ] || die "$SOURCE_TARBALL holds no PostgreSQL source"
	mv "$1"/unpack/* "$1/postgresql"
	rmdir "$1/unpack"
}

# pg_version TREE: the version in a source tree, such as 18.6.
pg_version() {
	sed -n "s/^PACKAGE_VERSION='\(.*\)'/\1/p" "$1/configure"
}
