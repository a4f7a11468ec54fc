package machine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
)

// codeCache is a cache of compiled code that is no reason to fail: where its directory cannot be used it is in memory.
type codeCache struct {
	wazero.CompilationCache
	err error // why nothing is kept in the directory
}

func openCodeCache(dir string) *codeCache {
	if dir == "" {
		return &codeCache{CompilationCache: wazero.NewCompilationCache()}
	}
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return &codeCache{wazero.NewCompilationCache(), fmt.Errorf("open the cache of compiled code %q: %w", dir, err)}
	}
	return &codeCache{CompilationCache: cache}
}

// compile compiles a module, if need be without the cache directory; then unkept tells why its code is not kept.
func (m *Machine) compile(ctx context.Context, module []byte) (rt wazero.Runtime, compiled wazero.CompiledModule, unkept, err error) {
	if err := Supported(); err != nil {
		return nil, nil, nil, err
	}
	if rt, compiled, err = m.compileWith(ctx, m.cache, module); err == nil {
		return rt, compiled, m.cache.err, nil
	}
	if m.cfg.CacheDir == "" || m.cache.err != nil || ctx.Err() != nil {
		return nil, nil, nil, err
	}
	// What could only not be written is in the cache's memory, and the second time takes none.
	unkept = err
	if rt, compiled, err = m.compileWith(ctx, m.cache, module); err == nil {
		return rt, compiled, unkept, nil
	}
	if ctx.Err() != nil {
		return nil, nil, nil, err
	}
	return m.repair(ctx, module, unkept)
}

// repair compiles a module whose entry in the cache cannot be read, and replaces the entry.
func (m *Machine) repair(ctx context.Context, module []byte, damage error) (wazero.Runtime, wazero.CompiledModule, error, error) {
	dir, err := os.MkdirTemp(m.cfg.CacheDir, ".repair-*")
	if err != nil {
		dir = "" // not even that can be written: in memory
	} else {
		defer os.RemoveAll(dir)
	}
	cache := openCodeCache(dir)
	rt, compiled, err := m.compileWith(ctx, cache, module)
	if err != nil && ctx.Err() == nil {
		rt, compiled, err = m.compileWith(ctx, cache, module) // the disk may have become full
	}
	if err != nil {
		_ = cache.Close(ctx)
		return nil, nil, nil, err
	}
	m.mu.Lock()
	m.repairs = append(m.repairs, cache)
	m.mu.Unlock()
	if moveEntries(dir, m.cfg.CacheDir) == 0 {
		return rt, compiled, damage, nil
	}
	return rt, compiled, nil, nil
}

// moveEntries moves the files of one cache directory to another and returns how many it has.
func moveEntries(from, to string) (moved int) {
	if from == "" {
		return 0
	}
	entries, _ := filepath.Glob(filepath.Join(from, "*", "*")) // the version of wazero, and the file
	for _, entry := range entries {
		name, err := filepath.Rel(from, entry)
		if err == nil && os.Rename(entry, filepath.Join(to, name)) == nil {
			moved++
		}
	}
	return moved
}
