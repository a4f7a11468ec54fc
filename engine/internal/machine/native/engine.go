package native

import (
	"errors"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/cpu"

	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

// Config configures an Engine.
type Config struct {
	Imports hostcall.Table
	// MaxMemory limits the linear memory of one process, in bytes; 0 means what the module says.
	MaxMemory uint64
	// Sums are the SHA-256 sums, in hexadecimal, of the files of machine code that may run, by their names.
	Sums map[string]string
}

// Version is that of the form of machine code.
var Version = strconv.Itoa(ctranslate.Version)

// Engine loads machine code that was made ahead of time.
type Engine struct{ cfg Config }

// New makes an Engine.
func New(cfg Config) *Engine { return &Engine{cfg: cfg} }

// Name implements [machine.Engine].
func (*Engine) Name() string { return "native" }

// ErrNoCode means that the runtime has no machine code of a program for this processor.
var ErrNoCode = errors.New("the runtime has no machine code of it for " + runtime.GOOS + "/" + runtime.GOARCH)

// FileName is the name of the file of a program's machine code for this processor.
func FileName(program string) string { return program + "." + runtime.GOARCH + ".so" }

func fileOf(source machine.Source) string {
	return filepath.Join(filepath.Dir(source.Module()), FileName(source.Name))
}

// processor returns why this processor cannot run the code, nil when it can.
func processor() error {
	x := cpu.X86
	return processorWith(runtime.GOARCH, x.HasSSE42 && x.HasPOPCNT && x.HasSSSE3 && x.HasCX16)
}

func processorWith(arch string, v2 bool) error {
	if arch == "amd64" && !v2 {
		return errors.New("the processor lacks x86-64-v2, which amd64 processors have had since 2009")
	}
	return nil
}

// trapNames are the traps of ctranslate's c/runtime.h.
var trapNames = map[uint32]string{
	1: "unreachable", 2: "undefined element", 3: "indirect call type mismatch", 4: "integer divide by zero", 5: "integer overflow",
	6: "invalid conversion to integer", 7: "out of bounds memory access", 8: "longjmp without setjmp", 9: "unaligned atomic",
	trapFault: "out of bounds memory access",
}

const trapFault = 10
