//go:build linux && (amd64 || arm64)

package native

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

var (
	noType  = wasm.FunctionType{}
	intType = wasm.FunctionType{Params: []wasm.ValueType{wasm.I32}, Results: []wasm.ValueType{wasm.I32}}
)

// trapModule has exports that trap, each in another way, and others for calls of the host and for setjmp.
func trapModule() []byte {
	m := &module{}
	m.importFunction("env", "_emscripten_throw_longjmp", noType)                                                                               // 0
	m.importFunction("env", "invoke_vi", wasm.FunctionType{Params: []wasm.ValueType{wasm.I32, wasm.I32}})                                      // 1
	m.importFunction("pglite", "host", intType)                                                                                                // 2
	m.importFunction("env", "invoke_ii", wasm.FunctionType{Params: []wasm.ValueType{wasm.I32, wasm.I32}, Results: []wasm.ValueType{wasm.I32}}) // 3
	m.function("pglite_tick", noType, nil, nil)
	// setThrew(threw, value): memory[0] = threw
	m.function("setThrew", wasm.FunctionType{Params: []wasm.ValueType{wasm.I32, wasm.I32}}, nil, []byte{0x41, 0, 0x20, 0, 0x36, 2, 0})
	for name, code := range map[string]string{
		"near":        "\x41\x00\x41\x01\x36\x02\x80\x80\x08", // i32.store at 131072, the end
		"far":         "\x41\x7f\x28\x02\xff\xff\xff\xff\x0f\x1a",
		"unreachable": "\x00",
		"division":    "\x41\x01\x41\x00\x6d\x1a",
		"overflow":    "\x41\x80\x80\x80\x80\x78\x41\x7f\x6d\x1a",
		"conversion":  "\x43\x00\x00\xc0\x7f\xa8\x1a",
		"fill":        "\x41\x7f\x41\x00\x41\x02\xfc\x0b\x00",
		"element":     "\x41\x0f\x11\x00\x00",
		"table":       "\x41\x10\x11\x00\x00",
		"alignment":   "\x41\x01\xfe\x10\x02\x00\x1a",
		"longjmp":     "\x10\x00",
	} {
		m.function(name, noType, nil, []byte(code))
	}
	self := byte(m.imported + len(m.functions))
	m.function("stack", intType, nil, []byte{0x41, 0, 0x20, 0, 0x10, self, 0x36, 2, 0, 0x20, 0}) // the store keeps the call from being a loop
	m.element(int(self))
	m.function("signature", noType, nil, []byte("\x41\x00\x11\x00\x00"))
	m.function("host", intType, nil, []byte{0x20, 0, 0x10, 2})
	// throw(sp): __stack_pointer = sp, longjmp
	m.element(m.function("", wasm.FunctionType{Params: []wasm.ValueType{wasm.I32}}, nil, []byte{0x20, 0, 0x24, 0, 0x10, 0}))
	// catch(sp): memory[0] = 0, invoke_vi(1, sp), return memory[0]
	m.function("catch", intType, nil, []byte{0x41, 0, 0x41, 0, 0x36, 2, 0, 0x41, 1, 0x20, 0, 0x10, 1, 0x41, 0, 0x28, 2, 0})
	// invoke(x): host(x) by invoke_ii
	m.element(m.function("", intType, nil, []byte{0x20, 0, 0x10, 2}))
	m.function("invoke", intType, nil, []byte{0x41, 2, 0x20, 0, 0x10, 3})
	// deep(n): n rounds of a recursion
	deep := byte(m.imported + len(m.functions))
	m.function("deep", intType, nil, []byte{0x20, 0, 0x45, 0x04, 0x7f, 0x41, 0, 0x05, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x41, 0, 0x20, 0, 0x10, deep, 0x36, 2, 0, 0x0b})
	// bottom(n): n rounds of a recursion, host(0) at its end, and on the way back the sum of what each round has kept
	bottom := deep + 1
	m.function("bottom", intType, nil, []byte{
		0x20, 0, 0x45, 0x04, 0x7f, 0x41, 0, 0x10, 2,
		0x05, 0x41, 4, 0x20, 0, 0x41, 1, 0x6b, 0x10, bottom, 0x36, 2, 0, 0x41, 4, 0x28, 2, 0, 0x20, 0, 0x6a, 0x0b,
	})
	return m.bytes()
}

// trapProgram is the program of trapModule; host does what its import does.
func trapProgram(t testing.TB, host func(uint64) uint64) *Program {
	t.Helper()
	call := func(_ *kernel.Process, words []uint64) { words[0] = host(words[0]) }
	return loadModule(t, trapModule(), hostcall.Table{"pglite": {"host": {Signature: "i:i", Call: call}}})
}

var trapTexts = map[string]string{
	"near": "out of bounds memory access", "far": "out of bounds memory access", "unreachable": "unreachable", "division": "divide by zero",
	"overflow": "integer overflow", "conversion": "invalid conversion", "fill": "out of bounds", "element": "undefined element",
	"table": "undefined element", "alignment": "unaligned", "longjmp": "longjmp without setjmp", "signature": "type mismatch", "stack": "stack overflow",
}

func (i *Instance) callExport(name string, argument uint64) (uint64, error) {
	i.ctx.args[0] = argument
	err := i.call(i.program.entries[name])
	return uint64(uint32(i.ctx.args[0])), err
}

// TestTraps: each trap is an error, again and again, in many goroutines, while Go collects garbage, preempts goroutines and takes a profile.
func TestTraps(t *testing.T) {
	p := trapProgram(t, func(n uint64) uint64 { return n })
	profile, err := os.Create(filepath.Join(t.TempDir(), "profile"))
	if err != nil {
		t.Fatal(err)
	}
	defer profile.Close()
	if err := pprof.StartCPUProfile(profile); err == nil {
		defer pprof.StopCPUProfile()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	stop := make(chan struct{})
	var collector sync.WaitGroup
	collector.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() { trapOften(t, p) })
	}
	workers.Wait()
	close(stop)
	collector.Wait()
	if !panics(func() { *(*int)(nil) = 1 }) {
		t.Error("a nil pointer of Go is no panic")
	}
}

func trapOften(t *testing.T, p *Program) {
	i, err := p.instantiate(nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer i.Close()
	for round := range 30 {
		for name, want := range trapTexts {
			if name == "stack" && round%10 != 0 {
				continue
			}
			if _, err := i.callExport(name, 1); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
		_ = make([]byte, 10_000)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// TestHostCalls: arguments and results arrive, a host function may use Go's stack as it likes, and its panic ends the call only.
func TestHostCalls(t *testing.T) {
	var recurse func(n uint64) uint64
	recurse = func(n uint64) uint64 {
		var space [1024]byte
		if space[n%1024] = byte(n); n == 0 {
			runtime.GC()
			return 0
		}
		return recurse(n-1) + uint64(space[n%1024]&1)
	}
	p := trapProgram(t, func(n uint64) uint64 {
		if n == math.MaxUint32 {
			panic("no such number")
		}
		return recurse(n)
	})
	i := instance(t, p)
	for _, name := range []string{"host", "invoke"} {
		if got, err := i.callExport(name, 5000); err != nil || got != 2500 {
			t.Errorf("%s: got %d, %v, want 2500", name, got, err)
		}
		if _, err := i.callExport(name, math.MaxUint32); err == nil || !strings.Contains(err.Error(), "no such number") {
			t.Errorf("%s: got %v, want the panic", name, err)
		}
	}
}

// TestLongjmp: it ends at the invoke_ that it left, with the stack pointer of there, and setThrew was called.
func TestLongjmp(t *testing.T) {
	i := instance(t, trapProgram(t, func(n uint64) uint64 { return n }))
	before := i.ctx.globals[globalStack]
	for range 100 {
		if got, err := i.callExport("catch", 1234); err != nil || got != 1 {
			t.Fatalf("got %d, %v, want 1", got, err)
		}
		if now := i.ctx.globals[globalStack]; now != before {
			t.Fatalf("the stack pointer is %d, want %d", now, before)
		}
	}
}

// TestDeepStackIsGivenBack: after a deep recursion the memory of the stack goes back to the system.
func TestDeepStackIsGivenBack(t *testing.T) {
	i := instance(t, trapProgram(t, func(n uint64) uint64 { return n }))
	deepPage := i.stack.bytes(markAt-1<<20, markAt-1<<20+pageBytes)
	if _, err := i.callExport("deep", 100_000); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(deepPage, func(b byte) bool { return b != 0 }) {
		t.Fatal("the recursion has not used the stack so far")
	}
	i.stack.shrink(i.ctx.codeStack)
	if slices.ContainsFunc(deepPage, func(b byte) bool { return b != 0 }) {
		t.Error("the memory was not given back")
	}
	if _, err := i.callExport("deep", 100_000); err != nil {
		t.Error(err)
	}
}

// TestDeepStackInUse: a process that waits at the bottom of a recursion keeps the memory of its stack.
func TestDeepStackInUse(t *testing.T) {
	var i *Instance
	asked := false
	i = instance(t, trapProgram(t, func(uint64) uint64 {
		i.stack.shrink(i.ctx.codeStack)
		asked = true
		return 0
	}))
	const rounds = 50_000
	got, err := i.callExport("bottom", rounds)
	if err != nil || !asked {
		t.Fatalf("error %v, asked %t", err, asked)
	}
	if want := uint64(rounds * (rounds + 1) / 2 % (1 << 32)); got != want {
		t.Errorf("the rounds have kept a sum of %d, want %d", got, want)
	}
	if _, err := i.callExport("host", 0); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(i.stack.bytes(markAt-1<<20, markAt), func(b byte) bool { return b != 0 }) {
		t.Error("the memory was not given back afterwards")
	}
}

// TestFork: the copy has the memory and the stack pointer, and what one writes afterwards the other does not see.
func TestFork(t *testing.T) {
	i := instance(t, trapProgram(t, func(n uint64) uint64 { return n }))
	i.region.Bytes()[100] = 7
	i.ctx.globals[globalStack] = 50000
	forked, err := i.Fork(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer forked.Close()
	c := forked.(*Instance)
	i.region.Bytes()[100] = 8
	if got := c.region.Bytes()[100]; got != 7 || c.ctx.globals[globalStack] != 50000 || c.ctx.size != i.ctx.size {
		t.Errorf("the copy has %d at 100, the stack pointer %d and %d bytes", got, c.ctx.globals[globalStack], c.ctx.size)
	}
	if _, err := c.callExport("near", 0); err == nil {
		t.Error("the copy's memory has no end")
	}
	if _, err := c.callExport("catch", 99); err != nil {
		t.Error(err)
	}
}

// TestUntrustedCode: a file without the sum that this program was built with is not loaded, whoever may write to it.
func TestUntrustedCode(t *testing.T) {
	name := filepath.Join(t.TempDir(), "code.so")
	if err := os.WriteFile(name, []byte("not the code"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o666} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := codeOf(f, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "SHA-256") {
			t.Errorf("mode %v: got %v, want an error about the sum", mode, err)
		}
		_ = f.Close()
	}
}

// TestWritableFileIsCopied: what others may write to is not mapped.
func TestWritableFileIsCopied(t *testing.T) {
	p := trapProgram(t, func(n uint64) uint64 { return n })
	content := slices.Clone(unsafe.Slice((*byte)(p.base), p.size))
	sum := sha256.Sum256(content)
	name := filepath.Join(t.TempDir(), "code.so")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if onlyOurs(info) {
		t.Fatal("a file that all may write to counts as ours")
	}
	got, err := mapChecked(f, hex.EncodeToString(sum[:]))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, make([]byte, len(content)), 0o600); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, content) {
		t.Error("the code has changed with its file")
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		if fields := strings.Fields(line); strings.Contains(fields[1], "wx") {
			t.Errorf("memory is writable and executable: %s", line)
		}
	}
}
