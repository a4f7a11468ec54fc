package wazero

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// Program is a compiled program.
type Program struct {
	e      *Engine
	name   string
	code   *code
	config wazero.ModuleConfig
	unkept error
}

// Unkept tells why the program's compiled code is not in the cache directory, so that the next run compiles it again;
// nil when it is there, or no directory was given.
func (p *Program) Unkept() error { return p.unkept }

// LoadModule loads a module that [machine.Rewrite] has prepared, its code from the cache if that has it. An import that
// no host function is there for is an error that names it, and so is one of another type.
func (e *Engine) LoadModule(ctx context.Context, name string, module []byte) (*Program, error) {
	if len(e.cfg.dirs()) == 0 {
		return e.Compile(ctx, name, module, nil)
	}
	hollow, err := Hollow(module)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	if p, err := e.LoadHollow(ctx, name, hollow); !errors.Is(err, ErrNoCode) {
		return p, err
	}
	return e.Compile(ctx, name, module, hollow)
}

// LoadHollow loads a module that [Hollow] has made with the code that [Engine.Compile] has kept for it. It takes half
// the time that wazero needs for a module whose code is in its cache, which it reads and validates first. The error is
// [ErrNoCode] when the cache has not the code, or none that can be read; other errors compiling does not mend.
func (e *Engine) LoadHollow(ctx context.Context, name string, hollow []byte) (*Program, error) {
	for _, cache := range e.cfg.dirs() {
		if p, err := e.loadFrom(ctx, codeDir(cache.Code, hollow), name, hollow); !errors.Is(err, ErrNoCode) {
			return p, err
		}
	}
	return nil, fmt.Errorf("program %s: %w", name, ErrNoCode)
}

// loadFrom is LoadHollow with the code in one directory.
func (e *Engine) loadFrom(ctx context.Context, dir, name string, hollow []byte) (*Program, error) {
	return e.load(ctx, name, func(p *Program) (err error) {
		if !intact(dir, false) {
			return ErrNoCode
		}
		if p.code, _, err = compileIn(ctx, dir, hollow); err != nil {
			if !intact(dir, true) {
				return ErrNoCode
			}
			return err
		}
		if err := p.link(ctx); err != nil {
			return err
		}
		return p.marked()
	})
}

// Compile compiles a module that [machine.Rewrite] has prepared, and keeps the code under the name of the hollow module
// that [Hollow] has made of it; without one nothing is kept. Errors are as with [Engine.LoadModule].
func (e *Engine) Compile(ctx context.Context, name string, module, hollow []byte) (*Program, error) {
	return e.load(ctx, name, func(p *Program) (err error) {
		if err := machine.Linkable(e.cfg.Imports, module); err != nil {
			return err
		}
		if e.cfg.CodeDir == "" || hollow == nil {
			p.code, p.unkept, err = compileIn(ctx, "", module)
		} else if module, err = wasm.Rewrite(module, wasm.Options{Mark: markExport}); err == nil {
			p.code, p.unkept, err = e.compileKept(ctx, module, hollow)
		}
		if err != nil {
			return err
		}
		return p.link(ctx)
	})
}

// load makes a program, whose code and host modules come from get.
func (e *Engine) load(ctx context.Context, name string, get func(*Program) error) (*Program, error) {
	err := errors.Join(Supported(), ctx.Err())
	p := &Program{e: e, name: name, config: wazero.NewModuleConfig().WithName("").WithStartFunctions()}
	if err == nil {
		err = get(p)
	}
	if err != nil {
		if p.code != nil {
			p.code.close()
		}
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	e.mu.Lock()
	e.loaded = append(e.loaded, p.code)
	e.mu.Unlock()
	return p, nil
}

// marked asks a program's code whether it is the whole module's, with an instance that is thrown away.
func (p *Program) marked() error {
	i, err := p.instantiate(nil)
	if err != nil {
		return err
	}
	defer func() { _ = i.Close() }()
	if f := i.module.ExportedFunction(markExport); f == nil || f.CallWithStack(i, nil) != nil {
		return ErrNoCode
	}
	return nil
}

// New makes a fresh instance for p.
func (p *Program) New(process *kernel.Process) (kernel.Instance, error) {
	i, err := p.instantiate(process)
	if err != nil {
		return nil, err
	}
	if init := i.module.ExportedFunction(machine.InitExport); init != nil {
		if err := init.CallWithStack(i, nil); err != nil {
			_ = i.Close()
			return nil, err
		}
	}
	return i, nil
}
