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
)

// Program is a compiled program.
type Program struct {
	m        *Machine
	name     string
	rt       wazero.Runtime
	compiled wazero.CompiledModule
	config   wazero.ModuleConfig
	unkept   error
}

// Unkept tells why the program's compiled code is not in the cache directory, so that the next run compiles it again; nil when
// it is there, or no directory was given.
func (p *Program) Unkept() error { return p.unkept }

// Load compiles a module that [Rewrite] has prepared. An import that no host function is there for is an
// error that names it, and so is one of another type.
func (m *Machine) Load(ctx context.Context, name string, module []byte) (*Program, error) {
	rt, compiled, unkept, err := m.compile(ctx, module)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	p := &Program{m: m, name: name, rt: rt, compiled: compiled, unkept: unkept}
	p.config = wazero.NewModuleConfig().WithName("").WithStartFunctions()
	if err := p.link(ctx); err != nil {
		return nil, fmt.Errorf("program %s: %w", name, err)
	}
	return p, nil
}

// link defines the host modules that the program imports.
func (p *Program) link(ctx context.Context) error {
	builders := map[string]wazero.HostModuleBuilder{}
	var unknown []string
	for _, f := range p.compiled.ImportedFunctions() {
		module, name, _ := f.Import()
		call, err := p.hostFunction(module, name, f)
		if err != nil {
			unknown = append(unknown, err.Error())
			continue
		}
		b := builders[module]
		if b == nil {
			b = p.rt.NewHostModuleBuilder(module)
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
