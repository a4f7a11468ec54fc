# pglite: PostgreSQL in one file. `make demo` shows that it works, `make test` that it is right.

GO      ?= go
PG_MAJOR ?= 18
export CGO_ENABLED = 0

ARCHIVE = assets/pglite-runtime.tar.xz
RUNTIME = .build/runtime

.PHONY: all demo runtime reproduce test regress check bench release clean FORCE

all: pglite

## runtime: PostgreSQL as WebAssembly (minutes the first time on a machine, then from the cache)
runtime: FORCE
	@runtime/build -o $(ARCHIVE)
	@scripts/archive-sum
	@scripts/newer-source

# The empty recipe makes make look at the file again.
$(ARCHIVE): runtime ;

## reproduce: build the runtime once more, from nothing, and compare the two archives
reproduce: $(ARCHIVE)
	@scripts/reproduce

# The program. Go's own build cache decides what is to be done.
pglite: $(ARCHIVE) FORCE
	@$(GO) build -trimpath -o pglite .

## demo: build everything, make a cluster, ask it for its version
demo: pglite
	@rm -rf .build/demo && mkdir -p .build
	./pglite init .build/demo
	./pglite -D .build/demo exec "SELECT version()"
	./pglite -D .build/demo exec "SELECT backend_type, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 1"

# The runtime unpacked, for tests of the engine.
$(RUNTIME)/manifest.json: $(ARCHIVE)
	@rm -rf $(RUNTIME) && mkdir -p $(RUNTIME)
	@tar -xJf $(ARCHIVE) -C $(RUNTIME) && touch $@

## test: the whole suite, with the race detector, and a good part of PostgreSQL's own
test: export PGLITE_TEST_RUNTIME = $(abspath $(RUNTIME))
test: pglite $(RUNTIME)/manifest.json
	@scripts/test-packages
	scripts/test
	scripts/regress --schedule quick

## regress: PostgreSQL's regression and isolation suites, whole
regress: pglite $(RUNTIME)/manifest.json
	scripts/regress --major $(PG_MAJOR) --runtime $(abspath $(RUNTIME)) --suite all

## check: formatting, linters, all supported systems
check:
	scripts/check

## bench: benchmarks, side by side with the peers
bench: pglite $(RUNTIME)/manifest.json
	scripts/bench

## release: archives, Debian packages and checksums for all supported systems, in dist/
release: $(ARCHIVE)
	scripts/release

clean:
	rm -rf pglite .build $(ARCHIVE) assets/pglite-runtime.code.txt assets/pglite-runtime.sum.txt
