# shellcheck shell=bash
# What each stage of the build makes, in $STAGE.

make_source() { unpack_source "$STAGE"; }
make_libc() { build_libc "$STAGE"; }
make_library() { build_library "$STAGE" "$1"; }

make_configured() {
	cp -al "$PG_SOURCE_TREE" "$STAGE/source"
	shim_objects "$SHIM" tool | xargs "$LLVM_AR" rcsD "$STAGE/shim.a"
	run_configure "$STAGE/server" "$STAGE/source" "$STAGE/shim.a" "$LIBC"
}

make_objects() {
	cp -al "$PG_SOURCE_TREE" "$STAGE/source"
	logged "$CACHE/log/tree.log" "preparing the build tree" second_tree "$CONFIGURED" "$CONFIGURED/server" "$STAGE" "$STAGE/server"
	logged "$CACHE/log/server.log" "compiling the server" make_server "$STAGE/server"
	step "compiling the client programs"
	logged "$CACHE/log/tools.log" "compiling the client programs" make_tools "$STAGE/server"
	step "compiling the loadable modules"
	logged "$CACHE/log/modules.log" "compiling the loadable modules" make_modules "$STAGE/server"
	step "compiling libpq for the server"
	logged "$CACHE/log/libpq.log" "compiling libpq for the server" make_server_libpq "$STAGE/server" "$STAGE/libpq"
	logged "$CACHE/log/share.log" "installing the share folder" install_share "$STAGE/server" "$STAGE"
	install_zoneinfo "$PG_SOURCE_TREE" "$STAGE"
	install_module_names "$STAGE/server" "$STAGE"
}

# The runtime's tree, without a template cluster.
make_tree() {
	local record
	compile_server_shim "$OBJECTS/server" "$SHIM" "$PG_MAJOR"
	write_module_table "$OBJECTS/server" "$STAGE/link"
	write_server_link "$OBJECTS/server" "$OBJECTS/libpq" "$STAGE/link"
	mkdir "$STAGE/tree" "$STAGE/tree/bin"
	cp -R "$OBJECTS/share" "$OBJECTS/lib" "$STAGE/tree"
	link_server "$STAGE/tree/bin/postgres.wasm" "$STAGE/link/server.txt" "$SHIM" "$LIBC"
	grep -v '^#' "$RUNTIME/lists/tools.txt" | while read -r record; do
		[ -f "$OBJECTS/server/$record" ] || die "PostgreSQL's makefiles have not made $record (lists/tools.txt)"
		link_tool "$STAGE/tree/bin/$(basename "$record").wasm" "$OBJECTS/server/$record" "$OBJECTS/server" "$SHIM" "$LIBC"
	done
	check_imports "$STAGE/tree/bin"
	check_paths "$STAGE/tree" "$CACHE" "$RUNTIME" "$SHIM"
	write_manifest "$STAGE/tree"
}

# The template cluster, and a line for each of its files.
make_template() {
	cp -R "$TREE" "$STAGE/tree"
	"$RUNTIME/template" "$STAGE/tree" || die "runtime/template failed"
	mv "$STAGE/tree/template" "$STAGE/template"
	rm -r "$STAGE/tree"
	(cd "$STAGE/template" && find . -type d | sort && find . -type f | sort | xargs sha256sum --) >"$STAGE/sums"
}

# The machine code of the programs, and a line for each of its files.
make_code() {
	local processor
	mkdir -p "$STAGE/bin" "$STAGE/symbols"
	for processor in $PROCESSORS; do
		make_processor_code "$processor" "$TREE" "$STAGE"
	done
	(cd "$STAGE/bin" && find . -type f -printf '%f\n' | LC_ALL=C sort | xargs -r sha256sum --) >"$STAGE/sums"
	find "$CACHE/code-objects" -name '*.o' -atime +30 -delete 2>/dev/null || true
}

make_archive() {
	cp -R "$TREE" "$STAGE/tree"
	cp -R "$CODE/bin" "$STAGE/tree"
	cp -R "$TEMPLATE/template" "$STAGE/tree"
	pack_tree "$STAGE/tree" "$STAGE/pglite-runtime.tar.xz"
	rm -r "$STAGE/tree"
}
