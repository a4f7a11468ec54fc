package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/emscripten"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/machine/wazero"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// programs are the compiled programs of one runtime. All DBs of the Go program that use the runtime share them, and
// they stay when the last is closed: compiling is what takes longest in a start.
type programs struct {
	runtime string // its directory
	engine  machine.Engine

	mu     sync.Mutex
	loaded map[string]*program
}

// program is one that is loaded, or about to be.
type program struct {
	waiting int // callers that wait for it; programs.mu guards it
	cancel  context.CancelFunc
	done    chan struct{} // is closed when p and err are there
	p       kernel.Program
	err     error
}

// isLoaded reports whether the load has ended.
func (p *program) isLoaded() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

type programsKey struct {
	runtime, cache, engine string
	maxMemory              uint64
}

var shared = struct {
	sync.Mutex
	programs map[programsKey]*programs
}{programs: map[programsKey]*programs{}}

// programsOf returns the programs of the configured runtime.
func programsOf(cfg *Config) (*programs, error) {
	cache, others := cfg.caches()
	runtime, err := filepath.Abs(cfg.Runtime)
	if err != nil {
		return nil, err
	}
	asked, err := cfg.engineName()
	if err != nil {
		return nil, err
	}
	key := programsKey{runtime, cache, asked, cfg.MaxMemory}
	shared.Lock()
	defer shared.Unlock()
	if p := shared.programs[key]; p != nil {
		return p, nil
	}
	p := &programs{runtime: runtime, engine: newEngines(cfg, cache, others, asked), loaded: map[string]*program{}}
	shared.programs[key] = p
	return p, nil
}

// newWazero makes wazero with its cache, "" for none, and others that it only reads.
func newWazero(maxMemory uint64, cache string, others []string, now func() time.Time,
	progress func(string),
) machine.Engine {
	c := wazero.Config{Imports: emscripten.Imports(), MaxMemory: maxMemory, Now: now}
	if cache != "" {
		c.CodeDir, c.ModulesDir = filepath.Join(cache, "code"), filepath.Join(cache, "modules")
		if err := makeCache(cache, c.CodeDir); err != nil {
			c.CodeDir, c.ModulesDir = "", "" // a cache that cannot be written is no reason not to run
			progress("nothing compiled is kept: " + err.Error())
		}
	}
	for _, dir := range others {
		c.Shared = append(c.Shared, wazero.Dirs{
			Code:    filepath.Join(dir, "code"),
			Modules: filepath.Join(dir, "modules"),
		})
	}
	return wazero.New(c)
}

// makeCache makes the cache and the directory of code in it. If others may write to them, that is an error: the code
// runs in this process. As for runtimes, a group may write to a cache directory that the caller has named.
func makeCache(cache, code string) error {
	const mode = 0o755 // others may read
	if !cachedir.OwnOfGroup(cache) {
		if err := cachedir.Make(cache, mode); err != nil {
			return err
		}
	}
	return cachedir.Make(code, mode)
}

var programName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// get loads a program, once. progress is told when that takes long. A ctx that ends ends the caller's wait, and the
// load only when nobody else waits for it.
func (s *programs) get(ctx context.Context, name string, progress func(string)) (kernel.Program, error) {
	if !programName.MatchString(name) {
		return nil, fmt.Errorf("%w: %q", ErrNoProgram, name)
	}
	p := s.join(ctx, name, progress)
	defer s.leave(name, p)
	if !p.isLoaded() {
		select {
		case <-p.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("load program %s: %w", name, ctx.Err())
		}
	}
	return p.p, p.err
}

// join begins the load of a program, or waits with those who have.
func (s *programs) join(ctx context.Context, name string, progress func(string)) *program {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.loaded[name]
	if p == nil {
		p = &program{done: make(chan struct{})}
		var loading context.Context
		loading, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
		s.loaded[name] = p
		go func() {
			defer close(p.done)
			p.p, p.err = s.load(loading, name, func(phrase string) {
				if ctx.Err() == nil { // the caller may have gone
					progress(phrase)
				}
			})
		}()
	}
	p.waiting++
	return p
}

// leave ends a caller's wait. What has failed, or is no longer waited for, is forgotten: the next one may have better
// luck.
func (s *programs) leave(name string, p *program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.waiting--
	abandoned := !p.isLoaded() && p.waiting == 0
	if abandoned {
		p.cancel()
	}
	if (abandoned || p.isLoaded() && p.err != nil) && s.loaded[name] == p {
		delete(s.loaded, name)
	}
}

func (s *programs) load(ctx context.Context, name string, progress func(string)) (kernel.Program, error) {
	p, err := s.engine.Load(ctx, machine.Source{Runtime: s.runtime, Name: name}, progress)
	if errors.Is(err, machine.ErrNoProgram) {
		return nil, fmt.Errorf("%w: %q is not in %s", ErrNoProgram, name, s.runtime)
	}
	return p, err
}

// Prepare compiles the programs of the configured runtime and keeps the code in the cache, so that no later run has to.
// Those that are there already are only loaded.
func Prepare(ctx context.Context, cfg Config) error {
	cfg, err := cfg.withRuntime(ctx)
	if err != nil {
		return err
	}
	p, err := programsOf(&cfg)
	if err != nil {
		return err
	}
	names, err := p.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := p.get(ctx, name, cfg.progress); err != nil {
			return err
		}
	}
	return nil
}

// names lists the programs of the runtime.
func (s *programs) names() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.runtime, "bin"))
	if err != nil {
		return nil, fmt.Errorf("runtime directory %q: %w", s.runtime, err)
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".wasm" {
			names = append(names, name[:len(name)-len(".wasm")])
		}
	}
	return names, nil
}

// builtins are programs that the server calls and the runtime has not: the libc knows three locales.
var builtins = map[string]kernel.Builtin{"locale": "C\nC.UTF-8\nPOSIX\n"}
