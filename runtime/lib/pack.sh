# shellcheck shell=bash
# The archive: a tree with bin/, lib/, share/ and a manifest, as a tar whose bytes depend on nothing else.

json_string() {
	local text=$1
	text=${text//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

# json_list: standard input's lines as a JSON list of strings.
json_list() {
	local line separator=''
	printf '['
	while IFS= read -r line; do
		printf '%s' "$separator"
		json_string "$line"
		separator=', '
	done
	printf ']'
}

# json_sums DIR: an object of the files of DIR with their SHA-256 sums.
json_sums() {
	local separator='' file
	printf '{'
	for file in "$1"/*; do
		printf '%s\n    %s: "%s"' "$separator" "$(json_string "$(basename "$file")")" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
		separator=,
	done
	printf '\n  }'
}

# json_source PACKAGE FILE SUM: an object that names a source.
json_source() {
	printf '{"package": %s, "file": %s, "sha256": "%s"}' "$(json_string "$1")" "$(json_string "$(basename "$2")")" "$3"
}

# json_libraries: the sources of the libraries that are linked in, as objects with commas between.
json_libraries() {
	local separator='' name file
	# shellcheck disable=SC2154 # of libraries.sh
	for name in "${library_names[@]}"; do
		[ -n "${LIBRARY_SUM[$name]-}" ] || continue
		file=$(basename "${LIBRARY_TARBALL[$name]}")
		printf '%s%s' "$separator" "$(json_source "${file%.orig.tar.*}" "$file" "${LIBRARY_SUM[$name]}")"
		separator=', '
	done
}

# write_manifest STAGE: STAGE/manifest.json.
write_manifest() {
	local dir=$1
	{
		printf '{\n  "format": 1,\n'
		printf '  "postgresql": %s,\n' "$(json_string "$(pg_version "$PG_SOURCE_TREE")")"
		printf '  "source": %s,\n' "$(json_source "$SOURCE_PACKAGE" "$SOURCE_TARBALL" "$SOURCE_SUM")"
		printf '  "linked": [%s],\n' "$(json_libraries)"
		printf '  "key": "%s",\n' "$RUNTIME_KEY"
		printf '  "compiler": %s,\n' "$(toolchain_version | json_list)"
		printf '  "configure": %s,\n' "$(configure_arguments | json_list)"
		printf '  "libraries": %s,\n' "$(cd "$dir/lib/postgresql" && printf '%s\n' * | sed 's/\.so$//' | json_list)"
		printf '  "modules": %s\n}\n' "$(json_sums "$dir/bin")"
	} >"$dir/manifest.json"
}

# pack_tree STAGE FILE: the archive, its manifest first.
pack_tree() {
	local tree=$1 file=$2 epoch rest
	epoch=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$PG_SOURCE_TREE/configure")}
	mapfile -t rest < <(find "$tree" -mindepth 1 -maxdepth 1 ! -name manifest.json -printf '%f\n' | sort)
	(cd "$tree" && tar --create --format=ustar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
		--mode=u=rwX,go=rX --hard-dereference manifest.json "${rest[@]}") |
		xz --threads=1 --check=crc64 -9e >"$file.new" || die "packing $file failed"
	mv "$file.new" "$file"
}
