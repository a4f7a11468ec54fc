package wasm

import "fmt"

// Import is what a module wants from outside. Function, Memory or Global is
// set according to Kind.
type Import struct {
	Module, Name string
	Kind         ExternKind
	Function     FunctionType
	Memory       Limits
	Global       GlobalType
}

// Export is what a module offers. Function is set if Kind is FunctionKind.
type Export struct {
	Name     string
	Kind     ExternKind
	Index    uint32
	Function FunctionType
}

// Imports returns what the module imports, in the module's order.
func Imports(module []byte) ([]Import, error) {
	m, err := parse(module)
	if err != nil {
		return nil, err
	}
	imports := make([]Import, len(m.imports))
	for i, entry := range m.imports {
		imports[i] = entry.Import
	}
	return imports, nil
}

// Exports returns what the module exports, in the module's order.
func Exports(module []byte) ([]Export, error) {
	m, err := parse(module)
	if err != nil {
		return nil, err
	}
	return m.exports, nil
}

// export finds an export by its name.
func (m *module) export(name string) (Export, bool) {
	for _, e := range m.exports {
		if e.Name == name {
			return e, true
		}
	}
	return Export{}, false
}

// functionsNamed returns the functions that are exported under the name or
// carry it in the name section.
func (m *module) functionsNamed(name string, names Names) []uint32 {
	functions := indicesNamed(names.Functions, name)
	if e, ok := m.export(name); ok && e.Kind == FunctionKind {
		functions = append(functions, e.Index)
	}
	valid := functions[:0]
	for _, f := range functions {
		if uint64(f) < uint64(len(m.functions)) {
			valid = append(valid, f)
		}
	}
	return valid
}

// stackPointer is the global that the linker uses for the stack in linear
// memory; it is the first one of a module that tells no names.
const stackPointer = "__stack_pointer"

// global finds a global by export name, then by the name section; a nameless
// mutable i32 with index 0 is the stack pointer.
func (m *module) global(name string, names Names) (uint32, error) {
	if e, ok := m.export(name); ok && e.Kind == GlobalKind {
		return e.Index, nil
	}
	for _, index := range indicesNamed(names.Globals, name) {
		if uint64(index) < uint64(len(m.globals)) {
			return index, nil
		}
	}
	_, named := names.Globals[0]
	if name == stackPointer && !named && len(m.globals) > 0 && m.globals[0] == (GlobalType{I32, true}) {
		return 0, nil
	}
	return 0, fmt.Errorf("wasm: the module has no global named %q", name)
}
