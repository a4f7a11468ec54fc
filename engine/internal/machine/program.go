package machine

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// Program is a compiled program.
type Program struct {
	m      *Machine
	name   string
	code   *code
	config wazero.ModuleConfig
	unkept error
}

// Unkept tells why the program's compiled code is not in the cache directory, so that the next run compiles it again; nil when
// it is there, or no directory was given.
func (p *Program) Unkept() error { return p.unkept }

// Load loads a module that [Rewrite] has prepared, its code from the cache if that has it. An import that no host function is there
// for is an error that names it, and so is one of another type.
func (m *Machine) Load(ctx context.Context, name string, module []byte) (*Program, error) {
	if m.cfg.CacheDir == "" {
		return m.Compile(ctx, name, module, nil)
	}
	hollow, err := Hollow(module)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	if p, err := m.LoadHollow(ctx, name, hollow); err == nil {
		return p, nil
	}
	return m.Compile(ctx, name, module, hollow)
}

// LoadHollow loads a module that [Hollow] has made with the code that [Machine.Compile] has kept for it. It takes half the time that
// wazero needs for a module whose code is in its cache, which it reads and validates first. It fails when the cache has not the code, or
// none that can be read.
func (m *Machine) LoadHollow(ctx context.Context, name string, hollow []byte) (*Program, error) {
	p, err := m.load(ctx, name, func() (*code, error, error) { return compileIn(ctx, m.cfg.CacheDir, hollow) })
	if err != nil {
		return nil, err
	}
	if err := p.marked(); err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	return p, nil
}

// Compile compiles a module that [Rewrite] has prepared, and keeps the code under the name of the hollow module that [Hollow] has made of
// it; without one nothing is kept. Errors are as with [Machine.Load].
func (m *Machine) Compile(ctx context.Context, name string, module, hollow []byte) (*Program, error) {
	return m.load(ctx, name, func() (*code, error, error) {
		if m.cfg.CacheDir == "" || hollow == nil {
			return compileIn(ctx, "", module)
		}
		marked, err := wasm.Rewrite(module, wasm.Options{Mark: markExport})
		if err != nil {
			return nil, nil, err
		}
		return m.compileKept(ctx, marked, hollow)
	})
}

// load makes a program of what compile returns.
func (m *Machine) load(ctx context.Context, name string, compile func() (c *code, unkept, err error)) (*Program, error) {
	err := errors.Join(Supported(), ctx.Err())
	p := &Program{m: m, name: name, config: wazero.NewModuleConfig().WithName("").WithStartFunctions()}
	if err == nil {
		p.code, p.unkept, err = compile()
	}
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	m.mu.Lock()
	m.loaded = append(m.loaded, p.code)
	m.mu.Unlock()
	if err := p.link(ctx); err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
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
		return errNoCode
	}
	return nil
}

// link defines the host modules that the program imports.
func (p *Program) link(ctx context.Context) error {
	builders := map[string]wazero.HostModuleBuilder{}
	var unknown []string
	for _, f := range p.code.module.ImportedFunctions() {
		module, name, _ := f.Import()
		call, err := p.hostFunction(module, name, f)
		if err != nil {
			unknown = append(unknown, err.Error())
			continue
		}
		b := builders[module]
		if b == nil {
			b = p.code.rt.NewHostModuleBuilder(module)
			builders[module] = b
		}
		b.NewFunctionBuilder().WithGoModuleFunction(call, f.ParamTypes(), f.ResultTypes()).WithName(name).Export(name)
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return errors.New(strings.Join(unknown, "; "))
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) hostFunction(module, name string, f api.FunctionDefinition) (api.GoModuleFunction, error) {
	if module == "env" && strings.HasPrefix(name, "invoke_") {
		return newInvoke(f), nil
	}
	if module == "env" && name == "_emscripten_throw_longjmp" {
		return api.GoModuleFunc(throwLongjmp), nil
	}
	if module == "pglite" && name == "yield" {
		return api.GoModuleFunc(yield), nil
	}
	h, ok := p.m.cfg.Imports[module][name]
	if !ok {
		return nil, fmt.Errorf("unknown import %s.%s: this runtime was built for another version of pglite", module, name)
	}
	if have := signature(f); have != h.Signature {
		return nil, fmt.Errorf("import %s.%s has the type %s, not %s: this runtime was built for another version of pglite", module, name, have, h.Signature)
	}
	call := h.Call
	return api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
		call(ctx.(*Instance).process, stack)
	}), nil
}

func signature(f api.FunctionDefinition) string {
	var b strings.Builder
	letters := map[api.ValueType]byte{api.ValueTypeI32: 'i', api.ValueTypeI64: 'j', api.ValueTypeF32: 'f', api.ValueTypeF64: 'd'}
	for _, t := range f.ParamTypes() {
		b.WriteByte(letters[t])
	}
	b.WriteByte(':')
	for _, t := range f.ResultTypes() {
		b.WriteByte(letters[t])
	}
	return b.String()
}

// New makes a fresh instance for p.
func (p *Program) New(process *kernel.Process) (kernel.Instance, error) {
	i, err := p.instantiate(process)
	if err != nil {
		return nil, err
	}
	if init := i.module.ExportedFunction(initExport); init != nil {
		if err := init.CallWithStack(i, nil); err != nil {
			_ = i.Close()
			return nil, err
		}
	}
	return i, nil
}
