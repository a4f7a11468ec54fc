package wazero

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/cpu"

	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
)

// Config configures an Engine.
type Config struct {
	Imports hostcall.Table
	// CodeDir keeps compiled machine code; empty means that nothing is kept, and so does one that cannot be used: see
	// [Program.Unkept]. See [Engine.LoadHollow] for what is in it.
	CodeDir string
	// ModulesDir keeps what else of the modules is needed to load that code; empty means that nothing is kept.
	ModulesDir string
	// Shared are further directories to look in, which are not written to. The caller trusts them: the code in them
	// runs.
	Shared []Dirs
	// MaxMemory limits the linear memory of one process, in bytes; 0 means what the module says.
	MaxMemory uint64
	// Now is the clock that the times of files are compared with; nil means time.Now.
	Now func() time.Time
}

func (c *Config) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// Dirs are the two directories of a cache.
type Dirs struct{ Code, Modules string }

// dirs lists the caches to look in, the engine's own first.
func (c *Config) dirs() []Dirs {
	if c.CodeDir == "" {
		return c.Shared
	}
	return append([]Dirs{{c.CodeDir, c.ModulesDir}}, c.Shared...)
}

// Engine compiles programs.
type Engine struct {
	cfg      Config
	patience time.Duration // see turnPatience

	mu     sync.Mutex
	loaded []*code
}

// New makes an Engine.
func New(cfg Config) *Engine { return &Engine{cfg: cfg, patience: turnPatience} }

// Close frees all compiled code. No instance may be running.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.loaded {
		c.close()
	}
	e.loaded = nil
	return nil
}

// features are the proposals that the build of PostgreSQL uses: atomic instructions without shared memory.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesThreads

// Supported tells why this processor cannot run compiled code, nil when it can: wazero's compiler looks for itself only
// where an interpreter could take its place.
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
