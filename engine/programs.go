package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/emscripten"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// programs are the compiled programs of one runtime. All DBs of the Go program that use the runtime share them, and
// they stay when the last is closed: compiling is what takes longest in a start.
type programs struct {
	dir   string // bin of the runtime
	cache string
	m     *machine.Machine

	mu     sync.Mutex
	loaded map[string]*program
}

type program struct {
	once sync.Once
	p    *machine.Program
	err  error
}

type programsKey struct {
	runtime, cache string
	maxMemory      uint64
}

var shared = struct {
	sync.Mutex
	programs map[programsKey]*programs
}{programs: map[programsKey]*programs{}}

// programsOf returns the programs of the configured runtime.
func programsOf(cfg *Config) (*programs, error) {
	cache := cfg.cacheDir()
	runtime, err := filepath.Abs(cfg.Runtime)
	if err != nil {
		return nil, err
	}
	key := programsKey{runtime, cache, cfg.MaxMemory}
	shared.Lock()
	defer shared.Unlock()
	if p := shared.programs[key]; p != nil {
		return p, nil
	}
	code := cache
	if cache != "" {
		code = filepath.Join(cache, "code")
		if err := os.MkdirAll(code, 0o700); err != nil {
			cache, code = "", "" // a cache that cannot be written is no reason not to run
			cfg.progress("nothing compiled is kept: " + err.Error())
		}
	}
	m := machine.New(machine.Config{Imports: emscripten.Imports(), CacheDir: code, MaxMemory: cfg.MaxMemory})
	p := &programs{dir: filepath.Join(runtime, "bin"), cache: cache, m: m, loaded: map[string]*program{}}
	shared.programs[key] = p
	return p, nil
}

var programName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// get loads a program, once. progress is told when that takes long.
func (s *programs) get(ctx context.Context, name string, progress func(string)) (*machine.Program, error) {
	if !programName.MatchString(name) {
		return nil, fmt.Errorf("%w: %q", ErrNoProgram, name)
	}
	s.mu.Lock()
	p := s.loaded[name]
	if p == nil {
		p = &program{}
		s.loaded[name] = p
	}
	s.mu.Unlock()
	// Others may wait for the same program: one caller's cancel must not end it.
	p.once.Do(func() { p.p, p.err = s.load(context.WithoutCancel(ctx), name, progress) })
	if p.err != nil {
		s.mu.Lock()
		if s.loaded[name] == p {
			delete(s.loaded, name) // the next one may have better luck
		}
		s.mu.Unlock()
	}
	return p.p, p.err
}

// slow is how long a compilation may take without a word.
const slow = 400 * time.Millisecond

func (s *programs) load(ctx context.Context, name string, progress func(string)) (*machine.Program, error) {
	module, err := os.ReadFile(filepath.Join(s.dir, name+".wasm"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q is not in %s", ErrNoProgram, name, s.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	cached := s.cacheName(module)
	compiled := cached + ".compiled" // says that the code was in the cache once
	timer := time.AfterFunc(slow, func() {
		if _, err := os.Stat(compiled); cached != "" && err == nil {
			progress("loading " + name)
			return
		}
		progress("compiling " + name + " for this machine (only the first time)")
	})
	defer timer.Stop()
	if module, err = s.rewritten(module, cached); err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	p, err := s.m.Load(ctx, name, module)
	if err != nil {
		return nil, err
	}
	if err := p.Unkept(); err != nil {
		progress("the compiled " + name + " is not kept for the next time: " + err.Error())
	} else if cached != "" {
		keep(compiled, nil)
	}
	return p, nil
}

// cacheName names the file of the rewritten module, "" when nothing is kept.
func (s *programs) cacheName(module []byte) string {
	if s.cache == "" {
		return ""
	}
	sum := sha256.Sum256(module)
	return filepath.Join(s.cache, "modules", hex.EncodeToString(sum[:])+"-"+machine.RewriteVersion+".wasm")
}

// rewritten returns the module as the machine wants it, from the cache when it is there.
func (s *programs) rewritten(module []byte, name string) ([]byte, error) {
	if name == "" {
		return machine.Rewrite(module)
	}
	if b, err := os.ReadFile(name); err == nil && len(b) > sha256.Size {
		body := b[:len(b)-sha256.Size]
		if check := sha256.Sum256(body); string(check[:]) == string(b[len(body):]) {
			return body, nil
		}
	}
	out, err := machine.Rewrite(module)
	if err != nil {
		return nil, err
	}
	check := sha256.Sum256(out)
	keep(name, append(out[:len(out):len(out)], check[:]...))
	return out, nil
}

// keep writes a file of the cache; failing to is no error.
func keep(name string, content []byte) {
	if os.MkdirAll(filepath.Dir(name), 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(content)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}

// names lists the programs of the runtime.
func (s *programs) names() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("runtime directory %q: %w", filepath.Dir(s.dir), err)
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
