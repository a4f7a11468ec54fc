# shellcheck shell=bash
# The programs that the build needs, and Debian's packages that have them.

# needed_packages: the packages of the programs that are not there.
needed_packages() {
	local program package
	while read -r program package; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null 2>&1 || printf '%s\n' "$package"
	done <<-'END'
		emcc emscripten
		clang-14 clang-14
		wasm-ld-14 lld-14
		llvm-ar-14 llvm-14
		flex flex
		bison bison
		make make
		perl perl
		xz xz-utils
		bzip2 bzip2
		zic libc-bin
		flock util-linux
	END
}

is_debian() {
	[ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1
}

# have_programs: look for the same elsewhere than on Debian; the toolchain is looked for by toolchain.sh.
have_programs() {
	local program
	for program in flex bison make perl xz bzip2 flock; do
		command -v "$program" >/dev/null 2>&1 || die "$program is not installed; install it and run this again"
	done
}

# apt_install BECOME PACKAGE…: a fresh machine has no lists of packages yet, or old ones.
apt_install() {
	local become=$1
	shift
	$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" && return
	$become apt-get update &&
		$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# install_packages installs what is missing, or says what to install.
install_packages() {
	local packages=() become=()
	is_debian || { have_programs; return; }
	[ -z "${EMCC-}" ] || { have_programs; return; }
	mapfile -t packages < <(needed_packages | LC_ALL=C sort -u)
	[ ${#packages[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null || die "these packages are missing; run: sudo apt-get install --no-install-recommends ${packages[*]}"
		become=(sudo -n)
	fi
	step "installing ${packages[*]}"
	logged "$CACHE/log/packages.log" "installing ${packages[*]}" apt_install "${become[*]}" "${packages[@]}"
}
