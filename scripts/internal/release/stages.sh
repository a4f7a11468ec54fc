# shellcheck shell=bash
# The stages of scripts/release, which sets ROOT, GO, RUNTIME, NFPM, TARGETS, TOOLS, commit and work.
# shellcheck disable=SC2154 # commit and work

# check_beginning: what has to be there, before anything is made.
check_beginning() {
	local program
	for program in git gzip "$GO"; do
		command -v "$program" >/dev/null || die "$program is not installed: install it and try again"
	done
	git rev-parse --verify -q HEAD >/dev/null || die "$ROOT has no commit, and a release is made of one"
	[ -s "$RUNTIME" ] || die "there is no $RUNTIME: make it first, with 'make runtime'"
	[ "$(git diff --name-only HEAD | wc -l)" -eq 0 ] ||
		say "uncommitted changes stay out: the release is of commit $(git rev-parse --short HEAD)"
	[[ " ${TARGETS[*]} " == *" $(host) "* ]] || die "a release cannot be made on $(host): take one of ${TARGETS[*]}"
}

host() { printf '%s/%s' "$("$GO" env GOHOSTOS)" "$("$GO" env GOHOSTARCH)"; }

# processor_of TARGET: the processor whose machine code a program for the target carries, or off. It is the systems on which machine code is
# the default (provenSystems in engine/engines.go).
processor_of() {
	case $1 in
	linux/amd64) echo amd64 ;;
	*) echo off ;;
	esac
}

# runtimes: for each kind of target its runtime in work/PROCESSOR, with the sums of its machine code beside it.
runtimes() {
	local target processor
	for target in "${TARGETS[@]}"; do
		processor=$(processor_of "$target")
		[ ! -d "$work/$processor" ] || continue
		mkdir "$work/$processor"
		env -u SOURCE_DATE_EPOCH PGLITE_NATIVE="$processor" runtime/build -o "$work/$processor/$(basename "$RUNTIME")" || die "the runtime for $target cannot be made"
		scripts/archive-sum "$work/$processor"
	done
}

# nfpm_tool: builds the pinned maker of Debian packages, once a machine.
nfpm_tool() {
	[ -x "$TOOLS/nfpm" ] && return
	say "building nfpm"
	mkdir -p "$TOOLS"
	GOBIN=$TOOLS "$GO" install "$NFPM" || die "$NFPM, which makes the Debian packages, cannot be built: is the Go module proxy within reach?"
}

# release_into DIR: everything, from a checkout of the commit of its own, into DIR/dist.
release_into() {
	local dir=$1 target
	mkdir -p "$dir/dist" "$dir/bin"
	git clone -q --shared --no-checkout "$ROOT" "$dir/src"
	git -C "$dir/src" checkout -q --detach "$commit"
	(cd "$dir/src" && "$GO" build -o "$dir/pack" ./scripts/internal/release) || die "scripts/internal/release does not compile: mend it first"
	for target in "${TARGETS[@]}"; do
		compile "$dir" "$target"
	done
	documents "$dir" "$dir/bin/$(host)/$(program_name "$(host)")"
	nfpm_tool
	for target in "${TARGETS[@]}"; do
		archive "$dir" "$target"
		[[ $target != linux/* ]] || debian_package "$dir" "${target#*/}"
	done
	"$dir/pack" sums "$dir/dist" >"$dir/SHA256SUMS"
	mv "$dir/SHA256SUMS" "$dir/dist/"
	go_module "$dir"
}

program_name() { case $1 in windows/*) printf pglite.exe ;; *) printf pglite ;; esac; }

# compile DIR OS/ARCH: the static program. Go itself stamps it with the version of the commit.
compile() {
	say "compiling for $2"
	cp "$work/$(processor_of "$2")"/* "$1/src/$(dirname "$RUNTIME")"
	(cd "$1/src" && GOOS=${2%/*} GOARCH=${2#*/} "$GO" build -buildvcs=true -trimpath -ldflags '-s -w' \
		-o "$1/bin/$2/$(program_name "$2")" .) || die "commit $commit does not compile for $2: mend it first"
}

# go_module DIR: the module with the runtime in it, as the tree of a module proxy.
go_module() {
	rm -rf "$1/src/.git"
	cp "$work/built"/* "$1/src/assets/"
	"$1/pack" module "$1/dist/proxy" "$1/src" "v$version" || die "the Go module cannot be written"
}

# clean PROGRAM ARGUMENTS...: runs it with an empty environment, since help texts may show defaults that come from there.
clean() { env -i HOME=/nonexistent TZ=UTC LC_ALL=C SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" "$@"; }

# documents DIR PROGRAM: sets version; writes what is in each archive beside the program to DIR/documents.
documents() {
	local docs=$1/documents shell
	version=$(clean "$2" --version | sed -n 's/^pglite v\{0,1\}//p' || true)
	[[ $version =~ ^[0-9] ]] || die "the program calls itself version '$version', which is no version: is the commit's tag like v1.2.3?"
	mkdir -p "$docs/man" "$docs/completions"
	cp "$1/src/"{LICENSE,THIRD_PARTY_NOTICES,README.md} "$docs/"
	clean "$2" man >"$docs/man/pglite.1" || die "pglite man failed"
	for shell in bash:pglite.bash zsh:_pglite fish:pglite.fish powershell:pglite.ps1; do
		clean "$2" completion "${shell%:*}" >"$docs/completions/${shell#*:}" || die "pglite completion ${shell%:*} failed"
	done
}

# archive DIR OS/ARCH: zip for Windows, tar.gz for the others.
archive() {
	local name=pglite-$version-${2/\//-} kind=tar.gz
	[[ $2 != windows/* ]] || kind=zip
	mkdir -p "$1/archives/$name"
	cp -R "$1/documents/." "$1/bin/$2/$(program_name "$2")" "$1/archives/$name/"
	"$1/pack" archive "$1/dist/$name.$kind" "$1/archives/$name" || die "$name.$kind cannot be written"
}

# debian_package DIR ARCH
debian_package() {
	local deb=$1/deb
	mkdir -p "$deb"
	gzip -9nc "$1/documents/man/pglite.1" >"$deb/pglite.1.gz"
	gzip -9nc "$1/src/CHANGELOG.md" >"$deb/changelog.gz"
	cat "$1/documents/LICENSE" "$1/documents/THIRD_PARTY_NOTICES" >"$deb/copyright"
	debian_config "$1" "$2" >"$deb/$2.yaml"
	"$TOOLS/nfpm" package -f "$deb/$2.yaml" -p deb -t "$1/dist/pglite_$(debian_version)_$2.deb" >"$deb/log" 2>&1 ||
		die "nfpm cannot make the Debian package for $2: $(tail -1 "$deb/log")"
}

# debian_version: in Debian's order, too, what comes before a release sorts before it.
debian_version() {
	local v=${version/-/\~}
	printf '%s' "${v//-/.}"
}

# debian_config DIR ARCH: nfpm's configuration.
debian_config() {
	local docs=$1/documents deb=$1/deb time
	time=$(TZ=UTC git -C "$1/src" log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
	cat <<-END
		name: pglite
		arch: $2
		platform: linux
		version: "$(debian_version)"
		version_schema: none
		section: database
		priority: optional
		maintainer: the pglite developers
		homepage: https://$(sed -n 's/^module //p' "$1/src/go.mod")
		license: MIT
		description: |-
		  PostgreSQL in one file
		  The real PostgreSQL, compiled to WebAssembly, in one program that needs no
		  server to be installed: with SQL from the command line, an interactive
		  terminal, dump, restore, backup, and sockets for other programs.
		mtime: $time
		contents:
	END
	local pair
	for pair in \
		"$1/bin/linux/$2/pglite:usr/bin/pglite" \
		"$deb/pglite.1.gz:usr/share/man/man1/pglite.1.gz" \
		"$docs/completions/pglite.bash:usr/share/bash-completion/completions/pglite" \
		"$docs/completions/_pglite:usr/share/zsh/vendor-completions/_pglite" \
		"$docs/completions/pglite.fish:usr/share/fish/vendor_completions.d/pglite.fish" \
		"$docs/README.md:usr/share/doc/pglite/README.md" \
		"$deb/changelog.gz:usr/share/doc/pglite/changelog.gz" \
		"$deb/copyright:usr/share/doc/pglite/copyright"; do
		printf '  - src: "%s"\n    dst: "/%s"\n    file_info: {mode: %s, owner: root, group: root, mtime: %s}\n' \
			"${pair%:*}" "${pair##*:}" "$(file_mode "${pair##*:}")" "$time"
	done
}

file_mode() { case $1 in usr/bin/*) printf 0755 ;; *) printf 0644 ;; esac; }

# compare A B: fails unless both folders have the same files with the same bytes.
compare() {
	local file differ=''
	[ "$(cd "$1" && find . | sort)" = "$(cd "$2" && find . | sort)" ] || die "two runs made different files: $(diff <(cd "$1" && find . | sort) <(cd "$2" && find . | sort) | grep '^[<>]' | xargs)"
	while read -r file; do
		cmp -s "$1/$file" "$2/$file" || differ+=" $file"
	done < <(cd "$1" && find . -type f)
	[ -z "$differ" ] || die "two runs differ in$differ"
	say "two runs made the same bytes: $(find "$1" -type f | wc -l | tr -d ' ') files"
}
