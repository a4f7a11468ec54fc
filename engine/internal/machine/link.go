package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// linkable looks for the host functions that a module imports, before it is compiled: what is missing no code mends.
func (m *Machine) linkable(module []byte) error {
	imports, err := wasm.Imports(module)
	if err != nil {
		return err
	}
	var unknown []string
	for _, i := range imports {
		if i.Kind == wasm.FunctionKind {
			have := signature(i.Function.Params, i.Function.Results)
			unknown = append(unknown, m.unknown(i.Module, i.Name, have)...)
		}
	}
	return notLinked(unknown)
}

// link defines the host modules that the program imports.
func (p *Program) link(ctx context.Context) error {
	builders := map[string]wazero.HostModuleBuilder{}
	var unknown []string
	for _, f := range p.code.module.ImportedFunctions() {
		module, name, _ := f.Import()
		if u := p.m.unknown(module, name, signature(f.ParamTypes(), f.ResultTypes())); u != nil {
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
	if err := notLinked(unknown); err != nil {
		return err
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func notLinked(unknown []string) error {
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return errors.New(strings.Join(unknown, "; "))
}

func isInvoke(module, name string) bool { return module == "env" && strings.HasPrefix(name, "invoke_") }

// own are the machine's own host functions, but for those that are different for each type.
var own = map[string]api.GoModuleFunc{
	"env._emscripten_throw_longjmp": throwLongjmp,
	"pglite.yield":                  yield,
}

// unknown tells why there is no host function for an import, with nothing when there is one.
func (m *Machine) unknown(module, name, have string) []string {
	h, ok := m.cfg.Imports[module][name]
	switch {
	case isInvoke(module, name) && strings.HasPrefix(have, "i"), own[module+"."+name] != nil, ok && have == h.Signature:
		return nil
	case !ok:
		return []string{fmt.Sprintf("unknown import %s.%s: this runtime was built for another version of pglite", module, name)}
	}
	const other = "import %s.%s has the type %s, not %s: this runtime was built for another version of pglite"
	return []string{fmt.Sprintf(other, module, name, have, h.Signature)}
}

// hostFunction returns the host function for an import that is not unknown.
func (p *Program) hostFunction(module, name string, f api.FunctionDefinition) api.GoModuleFunction {
	if isInvoke(module, name) {
		return newInvoke(f)
	}
	if call := own[module+"."+name]; call != nil {
		return call
	}
	call := p.m.cfg.Imports[module][name].Call
	return api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
		call(ctx.(*Instance).process, stack)
	})
}

// signature is a type as [HostFunc] has it. wazero's types have the numbers of the binary format.
func signature[T ~byte](params, results []T) string {
	letters := map[api.ValueType]byte{api.ValueTypeI32: 'i', api.ValueTypeI64: 'j', api.ValueTypeF32: 'f', api.ValueTypeF64: 'd'}
	var b strings.Builder
	for _, t := range params {
		b.WriteByte(letters[api.ValueType(t)])
	}
	b.WriteByte(':')
	for _, t := range results {
		b.WriteByte(letters[api.ValueType(t)])
	}
	return b.String()
}
