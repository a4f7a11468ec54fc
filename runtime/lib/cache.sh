# shellcheck shell=bash
# Stages: each is a folder of the cache, named by what it is and by a hash of all that goes into it.
# A stage without the file "done" was interrupted and is made anew.

# key: a short hash of standard input.
key() {
	sha256sum | cut -c 1-20
}

# file_sums FILE...: sums and names relative to runtime/, for keys.
file_sums() {
	(cd "$RUNTIME" && sha256sum -- "$@")
}

# stage NAME KEY TEXT FUNCTION ARGUMENTS...: sets STAGE to the folder NAME-KEY; if it is not there, TEXT is
# announced and FUNCTION makes it.
stage() {
	local name=$1 key=$2 text=$3
	shift 3
	STAGE=$CACHE/$name-$key
	if [ ! -f "$STAGE/done" ]; then
		step "$text"
		rm -rf "$STAGE"
		mkdir -p "$STAGE"
		"$@"
		touch "$STAGE/done"
		forget_old "$name" 3
	fi
	touch "$STAGE"
}

# forget_old NAME COUNT: of the stages of a name keep the newest.
forget_old() {
	local old
	find "$CACHE" -maxdepth 1 -name "$1-????????????????????" -printf '%T@ %p\n' | sort -rn | tail -n +$(($2 + 1)) |
		while read -r _ old; do rm -rf "$old"; done
}
