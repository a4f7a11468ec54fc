# shellcheck shell=bash
# Progress and errors: one line a step on standard error, with the time since the start.

start_time=$(date +%s)

# step TEXT: announce a step of the build.
step() {
	local now
	now=$(($(date +%s) - start_time))
	printf 'runtime: %2d:%02d  %s\n' $((now / 60)) $((now % 60)) "$*" >&2
}

# die TEXT: end the build with a one-sentence error.
die() {
	printf 'runtime: error: %s\n' "$*" >&2
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
