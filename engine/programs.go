package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
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
	file := filepath.Join(s.dir, name+".wasm")
	if sum := s.knownSum(file); sum != "" {
		if p, err := s.loadHollow(ctx, name, sum, progress); !errors.Is(err, machine.ErrNoCode) {
			return p, err
		}
	}
	sum, module, err := s.read(file) // perhaps another one than that whose sum was known
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q is not in %s", ErrNoProgram, name, s.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	if p, err := s.loadHollow(ctx, name, sum, progress); !errors.Is(err, machine.ErrNoCode) {
		return p, err
	}
	defer telling(progress, "compiling "+name+" for this machine (only the first time)")()
	return s.compile(ctx, name, sum, module, progress)
}

// telling tells of what takes long until the function that it returns is called.
func telling(progress func(string), phrase string) (stop func()) {
	timer := time.AfterFunc(slow, func() { progress(phrase) })
	return func() { timer.Stop() }
}

// hollowName names the file of the hollow module of the module that has the sum.
func (s *programs) hollowName(sum string) string {
	return filepath.Join(s.cache, "modules", sum+"-"+machine.CodeVersion()+".hollow")
}

// loadHollow loads a program that was compiled in an earlier run; the error is machine.ErrNoCode when it was not.
func (s *programs) loadHollow(ctx context.Context, name, sum string, progress func(string)) (*machine.Program, error) {
	if s.cache == "" {
		return nil, machine.ErrNoCode
	}
	hollow, ok := readChecked(s.hollowName(sum))
	if !ok {
		return nil, machine.ErrNoCode
	}
	defer telling(progress, "loading "+name)()
	return s.m.LoadHollow(ctx, name, hollow)
}

// compile compiles a module of the runtime and keeps its code and the hollow module.
func (s *programs) compile(ctx context.Context, name, sum string, module []byte, progress func(string)) (*machine.Program, error) {
	module, err := machine.Rewrite(module)
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	if s.cache == "" {
		return s.m.Compile(ctx, name, module, nil)
	}
	hollow, err := machine.Hollow(module)
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	p, err := s.m.Compile(ctx, name, module, hollow)
	if err != nil {
		return nil, err
	}
	if err := p.Unkept(); err != nil {
		progress("the compiled " + name + " is not kept for the next time: " + err.Error())
		return p, nil
	}
	keep(s.hollowName(sum), checked(hollow))
	return p, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checked appends a checksum: of a file that has been damaged wazero would compile what is left.
func checked(content []byte) []byte {
	return binary.LittleEndian.AppendUint32(content[:len(content):len(content)], crc32.Checksum(content, castagnoli))
}

// readChecked reads a file that has one.
func readChecked(file string) (content []byte, ok bool) {
	b, err := os.ReadFile(file)
	at := len(b) - crc32.Size
	if err != nil || at < 0 || binary.LittleEndian.Uint32(b[at:]) != crc32.Checksum(b[:at], castagnoli) {
		return nil, false
	}
	return b[:at], true
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
