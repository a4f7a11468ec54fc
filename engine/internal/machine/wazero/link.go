package wazero

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// link defines the host modules that the program imports.
func (p *Program) link(ctx context.Context) error {
	builders := map[string]wazero.HostModuleBuilder{}
	var unknown []string
	for _, f := range p.code.module.ImportedFunctions() {
		module, name, _ := f.Import()
		if u := machine.Unknown(p.e.cfg.Imports, module, name,
			machine.Signature(f.ParamTypes(), f.ResultTypes())); u != nil {
			unknown = append(unknown, u...)
			continue
		}
		b := builders[module]
		if b == nil {
			b = p.code.rt.NewHostModuleBuilder(module)
			builders[module] = b
		}
		call := p.hostFunction(module, name, f)
		b.NewFunctionBuilder().WithGoModuleFunction(call, f.ParamTypes(), f.ResultTypes()).WithName(name).Export(name)
	}
	if err := machine.NotLinked(unknown); err != nil {
		return err
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// own are the engine's own host functions, except those that are different for each type.
var own = map[string]api.GoModuleFunc{
	machine.LongjmpImport: throwLongjmp,
	machine.YieldImport:   yield,
}

// hostFunction returns the host function for an import that is not unknown.
func (p *Program) hostFunction(module, name string, f api.FunctionDefinition) api.GoModuleFunction {
	if machine.IsInvoke(module, name) {
		return newInvoke(f)
	}
	if call := own[module+"."+name]; call != nil {
		return call
	}
	call := p.e.cfg.Imports[module][name].Call
	return api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
		call(ctx.(*Instance).process, stack)
	})
}
