package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/assets"
	"github.com/pglite-toolbox/pglite/engine/internal/emscripten"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/machine/native"
	"github.com/pglite-toolbox/pglite/engine/internal/machine/wazero"
)

// What executes the programs: Config.Engine, and $PGLITE_ENGINE where that is empty.
const (
	// EngineAuto is machine code that was made ahead of time where it can run, else wazero.
	EngineAuto = "auto"
	// EngineNative is machine code that was made ahead of time; that it cannot run is an error.
	EngineNative = "native"
	// EngineWazero is wazero, which compiles the programs on this machine.
	EngineWazero = "wazero"
)

// provenSystems are those on which the whole test suite passes with machine code: there it is the default.
var provenSystems = []string{"linux/amd64"}

// engineName returns what the configuration asks for.
func (c *Config) engineName() (string, error) {
	name, from := c.Engine, "Config.Engine"
	if name == "" {
		name, from = os.Getenv("PGLITE_ENGINE"), "PGLITE_ENGINE"
	}
	if err := CheckEngine(name); err != nil {
		return "", fmt.Errorf("%s: %w", from, err)
	}
	return cmp.Or(name, EngineAuto), nil
}

// CheckEngine is an error for what Config.Engine cannot be.
func CheckEngine(name string) error {
	all := []string{EngineAuto, EngineNative, EngineWazero}
	if name == "" || slices.Contains(all, name) {
		return nil
	}
	return fmt.Errorf("there is no engine %q: name one of %s", name, strings.Join(all, ", "))
}

// EngineInfo says what executes the server.
type EngineInfo struct {
	Name    string `json:"name"`             // "native" or "wazero"
	Version string `json:"version"`          // wazero's, or that of the form of the machine code
	Reason  string `json:"reason,omitempty"` // why it is not the other one
}

// DescribeEngine returns what would execute the server of a configuration. It starts nothing. Of a runtime that is not there yet, it says
// what there will be when it is the one that this program was built with.
func DescribeEngine(cfg Config) (EngineInfo, error) {
	asked, err := cfg.engineName()
	if err != nil {
		return EngineInfo{}, err
	}
	dir, err := filepath.Abs(cfg.Runtime)
	if err != nil {
		return EngineInfo{}, err
	}
	e := newEngines(&cfg, "", nil, asked)
	info := EngineInfo{Name: EngineWazero, Version: wazero.Version}
	switch err := e.expect(machine.Source{Runtime: dir, Name: serverProgram}); {
	case asked == EngineWazero:
		info.Reason = "it was asked for"
	case err != nil:
		info.Reason = err.Error()
	case !e.useNative:
		info.Reason = "machine code is not the default on " + runtime.GOOS + "/" + runtime.GOARCH + ": it can be asked for"
	default:
		info = EngineInfo{Name: EngineNative, Version: native.Version}
	}
	return info, nil
}

// expect returns why the machine code of a program cannot run.
func (e *engines) expect(source machine.Source) error {
	if _, err := os.Stat(source.Runtime); errors.Is(err, fs.ErrNotExist) {
		return e.native.Expect(source.Name)
	}
	_, err := e.native.Load(context.Background(), source, nil)
	return err
}

const serverProgram = "postgres"

// engines chooses between the engines for each program. It is an engine itself.
type engines struct {
	asked     string
	useNative bool
	native    *native.Engine

	maxMemory uint64
	cache     string
	others    []string
	now       func() time.Time
	once      sync.Once
	wazero    machine.Engine // nil until it is needed
}

// newEngines makes the engines with their cache, "" for none, and others that are only read.
func newEngines(cfg *Config, cache string, others []string, asked string) *engines {
	return &engines{
		asked:     asked,
		useNative: asked == EngineNative || asked == EngineAuto && slices.Contains(provenSystems, runtime.GOOS+"/"+runtime.GOARCH),
		native:    native.New(native.Config{Imports: emscripten.Imports(), MaxMemory: cfg.MaxMemory, Sums: assets.CodeSums()}),
		maxMemory: cfg.MaxMemory,
		cache:     cache,
		others:    others,
		now:       cfg.fileClock,
	}
}

// Name implements [machine.Engine].
func (e *engines) Name() string { return e.asked }

// Load implements [machine.Engine]. A program without machine code is wazero's, whatever was asked for, unless it is the server.
func (e *engines) Load(ctx context.Context, source machine.Source, progress func(string)) (kernel.Program, error) {
	if e.useNative {
		p, err := e.native.Load(ctx, source, progress)
		if err == nil {
			return p, nil
		}
		if e.asked == EngineNative && (!errors.Is(err, native.ErrNoCode) || source.Name == serverProgram) {
			return nil, fmt.Errorf("%w: ask for the engine %s or %s", err, EngineAuto, EngineWazero)
		}
	}
	e.once.Do(func() { e.wazero = newWazero(e.maxMemory, e.cache, e.others, e.now, progress) })
	return e.wazero.Load(ctx, source, progress)
}

// Close implements [machine.Engine].
func (e *engines) Close() error {
	e.once.Do(func() {})
	if e.wazero == nil {
		return e.native.Close()
	}
	return errors.Join(e.native.Close(), e.wazero.Close())
}
