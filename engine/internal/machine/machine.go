package machine

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/cpu"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// HostFunc is a function that the guest imports. Arguments come in stack, the result goes to its first word.
type HostFunc struct {
	Signature string // "ii:i": letters of parameters and results, i for i32, j for i64, f for f32, d for f64
	Call      func(p *kernel.Process, stack []uint64)
}

// Imports are host functions by module and name.
type Imports map[string]map[string]HostFunc

// Config configures a Machine.
type Config struct {
	Imports Imports
	// CacheDir keeps compiled machine code; empty means that nothing is kept, and so does one that cannot be used: see [Program.Unkept].
	// See [Machine.LoadHollow] for what is in it.
	CacheDir string
	// MaxMemory limits the linear memory of one process, in bytes; 0 means what the module says.
	MaxMemory uint64
}

// Machine compiles programs.
type Machine struct {
	cfg Config

	mu     sync.Mutex
	loaded []*code
}

// New makes a Machine.
func New(cfg Config) *Machine { return &Machine{cfg: cfg} }

// Close frees all compiled code. No instance may be running.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.loaded {
		c.close()
	}
	m.loaded = nil
	return nil
}

// features are the proposals that the build of PostgreSQL uses: atomic instructions without shared memory.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesThreads

// Supported tells why this processor cannot run compiled code, nil when it can: wazero's compiler looks for itself only where an
// interpreter could take its place.
func Supported() error { return supported(runtime.GOARCH, cpu.X86.HasSSE41, cpu.ARM64.HasATOMICS) }

func supported(arch string, sse41, atomics bool) error {
	lacks := ""
	switch {
	case arch != "amd64" && arch != "arm64":
		return fmt.Errorf("pglite runs on amd64 and arm64 processors, this is %s: use one of those", arch)
	case arch == "amd64" && !sse41:
		lacks = "SSE4.1, which amd64 processors have had since 2008"
	case arch == "arm64" && !atomics:
		lacks = "the atomic instructions of ARMv8.1 (LSE), as a Raspberry Pi 4 does"
	default:
		return nil
	}
	return fmt.Errorf("pglite cannot run on this processor, which lacks %s: use a newer one", lacks)
}

const maxPages = 32768 // 2 GiB
