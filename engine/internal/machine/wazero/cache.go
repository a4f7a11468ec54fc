package wazero

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// code is a compiled module with the cache that owns its machine code.
type code struct {
	cache  wazero.CompilationCache
	rt     wazero.Runtime
	module wazero.CompiledModule
}

// compileIn compiles a module on all cores, or takes its code from the directory, where it is kept for the next time.
// Without a directory it is not.
func compileIn(ctx context.Context, dir string, module []byte) (c *code, unkept, err error) {
	c = &code{cache: wazero.NewCompilationCache()}
	if dir != "" {
		if c.cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return nil, nil, fmt.Errorf("open the cache of compiled code %q: %w", dir, err)
		}
	}
	config := wazero.NewRuntimeConfigCompiler().WithCompilationCache(c.cache).WithCoreFeatures(features).
		WithMemoryLimitPages(maxPages)
	c.rt = wazero.NewRuntimeWithConfig(ctx, config)
	ctx = experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
	if c.module, err = c.rt.CompileModule(ctx, module); err != nil && dir != "" && ctx.Err() == nil {
		unkept = err // what could only not be written is in the cache's memory, and the second time takes none
		c.module, err = c.rt.CompileModule(ctx, module)
	}
	if err != nil {
		c.close()
		return nil, nil, fmt.Errorf("compile: %w", err)
	}
	return c, unkept, nil
}

func (c *code) close() {
	ctx := context.Background()
	_ = c.rt.Close(ctx)
	_ = c.cache.Close(ctx)
}

// compileKept compiles a module and keeps its code as that of the hollow module; unkept tells why that could not be
// done.
func (e *Engine) compileKept(ctx context.Context, module, hollow []byte) (c *code, unkept, err error) {
	dir, unkept := e.scratch()
	if unkept != nil {
		c, _, err := compileIn(ctx, "", module)
		return c, unkept, err
	}
	defer os.RemoveAll(dir)
	whole := filepath.Join(dir, "whole")
	if c, unkept, err = compileIn(ctx, whole, module); err != nil || unkept != nil {
		return c, unkept, err
	}
	return c, keep(ctx, whole, filepath.Join(dir, "hollow"), codeDir(e.cfg.CodeDir, hollow), hollow), nil
}

// codeDir is the directory of a hollow module's code in a cache. Each has its own: what wazero calls the file is its
// secret.
func codeDir(dir string, hollow []byte) string {
	const enough = 16
	return filepath.Join(dir, hex.EncodeToString(wasm.HollowSum(hollow))[:2*enough])
}

// sharedMode lets others read what is in the cache, if the cache's own directory lets them.
const sharedMode = 0o755

const (
	scratchPrefix = ".new-"
	scratchAge    = time.Hour // of one whose program was killed
)

// scratch makes a directory in the cache, and clears away what killed programs have left of theirs.
func (e *Engine) scratch() (dir string, err error) {
	if err := os.MkdirAll(e.cfg.CodeDir, sharedMode); err != nil {
		return "", err
	}
	old, _ := fs.Glob(os.DirFS(e.cfg.CodeDir), scratchPrefix+"*")
	for _, name := range old {
		name = filepath.Join(e.cfg.CodeDir, name)
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > scratchAge {
			_ = os.RemoveAll(name)
		}
	}
	return os.MkdirTemp(e.cfg.CodeDir, scratchPrefix)
}

// keep moves the code in the directory whole to where wazero looks in the directory dir for that of the hollow module:
// what that name is, compiling the hollow module in a directory of its own tells.
func keep(ctx context.Context, whole, scratch, dir string, hollow []byte) error {
	c, unkept, err := compileIn(ctx, scratch, hollow)
	if err == nil {
		c.close()
	}
	from, named := entries(whole), entries(scratch)
	switch {
	case err != nil || unkept != nil:
		return errors.Join(err, unkept)
	case len(from) != 1 || len(named) != 1:
		return errors.New("the compiled code is not found in the cache")
	}
	if err := seal(from[0]); err != nil {
		return err
	}
	at, err := filepath.Rel(scratch, named[0])
	if err != nil {
		return err
	}
	to := filepath.Join(dir, at)
	if err := os.MkdirAll(filepath.Dir(to), sharedMode); err != nil {
		return err
	}
	if err := os.Chmod(from[0], sharedMode&^0o111); err != nil {
		return err
	}
	return os.Rename(from[0], to)
}

// markExport is what a whole module exports, and a hollow one traps in.
const markExport = "pglite_mark"

// Hollow returns a module that [machine.Rewrite] has prepared without its code, for [Engine.LoadHollow].
func Hollow(module []byte) ([]byte, error) { return wasm.Hollow(module, markExport, CodeVersion()) }

// ErrNoCode tells that the cache has no code for a hollow module, or none that can be used: compiling the whole one
// mends that.
var ErrNoCode = errors.New("the cache has no code for the module")
