package wazero

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// Name implements [machine.Engine].
func (*Engine) Name() string { return "wazero" }

// slow is how long a compilation may take without a word.
const slow = 400 * time.Millisecond

// Load implements [machine.Engine].
func (e *Engine) Load(ctx context.Context, source machine.Source, progress func(string)) (kernel.Program, error) {
	p, err := e.loadSource(ctx, source, progress)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (e *Engine) loadSource(ctx context.Context, source machine.Source, progress func(string)) (*Program, error) {
	if sum := e.knownSum(source); sum != "" {
		if p, err := e.loadKept(ctx, source.Name, sum, progress); !errors.Is(err, ErrNoCode) {
			return p, err
		}
	}
	sum, module, err := e.read(source) // perhaps another one than that whose sum was known
	if errors.Is(err, fs.ErrNotExist) {
		err = machine.ErrNoProgram
	}
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", source.Name, err)
	}
	if p, err := e.loadKept(ctx, source.Name, sum, progress); !errors.Is(err, ErrNoCode) {
		return p, err
	}
	release := e.turn(ctx, source.Name, progress)
	defer release()
	// by the process that we waited for
	if p, err := e.loadKept(ctx, source.Name, sum, progress); !errors.Is(err, ErrNoCode) {
		return p, err
	}
	defer telling(progress, "compiling "+source.Name+" for this machine (only the first time)")()
	return e.compileSource(ctx, source.Name, sum, module, progress)
}

// telling reports what takes long, until the function that it returns is called.
func telling(progress func(string), phrase string) (stop func()) {
	timer := time.AfterFunc(slow, func() { progress(phrase) })
	return func() { timer.Stop() }
}

// hollowName names the file in a directory of modules of the hollow module of the module that has the sum.
func hollowName(dir, sum string) string {
	return filepath.Join(dir, sum+"-"+CodeVersion()+".hollow")
}

// loadKept loads a program that was compiled in an earlier run; the error is ErrNoCode when it was not.
func (e *Engine) loadKept(ctx context.Context, name, sum string, progress func(string)) (*Program, error) {
	defer telling(progress, "loading "+name)()
	for _, cache := range e.cfg.dirs() {
		hollow, ok := readChecked(hollowName(cache.Modules, sum))
		if !ok {
			continue
		}
		if p, err := e.LoadHollow(ctx, name, hollow); !errors.Is(err, ErrNoCode) {
			return p, err
		}
	}
	return nil, ErrNoCode
}

// compileSource compiles a module of the runtime and keeps its code and the hollow module.
func (e *Engine) compileSource(
	ctx context.Context, name, sum string, module []byte, progress func(string),
) (*Program, error) {
	module, err := machine.Rewrite(module)
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	if e.cfg.ModulesDir == "" {
		return e.Compile(ctx, name, module, nil)
	}
	hollow, err := Hollow(module)
	if err != nil {
		return nil, fmt.Errorf("load program %s: %w", name, err)
	}
	p, err := e.Compile(ctx, name, module, hollow)
	if err != nil {
		return nil, err
	}
	if err := p.Unkept(); err != nil {
		progress("the compiled " + name + " is not kept for the next time: " + err.Error())
		return p, nil
	}
	keepFile(hollowName(e.cfg.ModulesDir, sum), checked(hollow))
	return p, nil
}

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

// keepFile writes a file of the cache; failing to is no error.
func keepFile(name string, content []byte) {
	if os.MkdirAll(filepath.Dir(name), sharedMode) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(content)
	if err == nil {
		err = cachedir.Share(f)
	}
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
