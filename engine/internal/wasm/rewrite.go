package wasm

import "fmt"

// Options says what [Rewrite] does. Each rewrite stands for itself; the zero
// value changes nothing.
type Options struct {
	// FixFloatSelect replaces select on floating-point numbers and vectors,
	// which wazero 1.12.0 miscompiles on amd64 (its issue 2534), by select on
	// integers of the same bits.
	FixFloatSelect bool

	// LoopHook calls a function of the module every so many loop iterations.
	LoopHook LoopHook

	// NoHook names functions, by export name or name section, whose loops do
	// not call the LoopHook. Names that the module lacks are ignored.
	NoHook []string

	// StackFrames makes some functions take stack in linear memory.
	StackFrames StackFrames

	// PassiveData moves the initialisation of memory into a function.
	PassiveData PassiveData

	// Mark exports, under this name, a new function that does nothing. Empty: there is none.
	Mark string

	// ExportGlobals exports globals under the names that the name section
	// gives them. "__stack_pointer" is also found in a module without global
	// names: there it is global 0, if that is a mutable i32.
	ExportGlobals []string
}

// Rewrite returns the module with the changes that opts asks for. It fails
// with a [FormatError] if the module is malformed, invalid or uses a feature
// that this package does not know, and with another error if the module lacks
// what opts names. The result shares no memory with the module.
//
// Indices do not shift: whatever is added comes last in its index space.
func Rewrite(module []byte, opts Options) ([]byte, error) {
	m, err := parse(module)
	if err != nil {
		return nil, err
	}
	p := &plan{m: m, edits: edits{fixFloatSelect: opts.FixFloatSelect}}
	if opts.needNames() {
		if p.names, err = m.names(); err != nil {
			return nil, err
		}
	}
	for _, step := range []func(Options) error{
		p.hookLoops, p.addFrames, p.makePassive, p.exportGlobals, p.addMark, p.rewriteCode,
	} {
		if err := step(opts); err != nil {
			return nil, err
		}
	}
	return p.encode(), nil
}

func (o Options) needNames() bool {
	return o.LoopHook.Function != "" || len(o.StackFrames.Callees) > 0 || len(o.ExportGlobals) > 0
}

// plan collects what changes in a module.
type plan struct {
	m         *module
	names     Names
	types     []FunctionType
	functions []newFunction
	globals   [][]byte // type and initial value
	exports   []Export
	edits     edits
	replaced  map[byte][][]byte // contents of sections, in pieces
}

// newFunction is a function to append; the body has local declarations, code
// and end.
type newFunction struct {
	typeIndex uint32
	body      []byte
}

// replace sets the contents of a section, whether the module has it or not.
func (p *plan) replace(id byte, pieces ...[]byte) {
	if p.replaced == nil {
		p.replaced = map[byte][][]byte{}
	}
	p.replaced[id] = pieces
}

// typeIndex returns the index of the type, which it adds if needed.
func (p *plan) typeIndex(t FunctionType) uint32 {
	for i, have := range p.m.types {
		if have.Equal(t) {
			return uint32(i)
		}
	}
	for i, have := range p.types {
		if have.Equal(t) {
			return uint32(len(p.m.types) + i)
		}
	}
	p.types = append(p.types, t)
	return uint32(len(p.m.types) + len(p.types) - 1)
}

func (p *plan) addFunction(t FunctionType, body []byte) uint32 {
	p.functions = append(p.functions, newFunction{p.typeIndex(t), body})
	return uint32(len(p.m.functions) + len(p.functions) - 1)
}

// addCounter adds a mutable i32 global.
func (p *plan) addCounter(initial uint32) uint32 {
	global := appendI32Const([]byte{byte(I32), 1}, initial)
	p.globals = append(p.globals, append(global, byte(opEnd)))
	return uint32(len(p.m.globals) + len(p.globals) - 1)
}

func (p *plan) addExport(name string, kind ExternKind, index uint32) error {
	have, ok := p.m.export(name)
	for _, e := range p.exports {
		if e.Name == name {
			have, ok = e, true
		}
	}
	switch {
	case !ok:
		p.exports = append(p.exports, Export{Name: name, Kind: kind, Index: index})
	case have.Kind != kind || have.Index != index:
		return fmt.Errorf("wasm: cannot export %v %d as %q: the module exports %v %d under that name", kind, index,
			name, have.Kind, have.Index)
	}
	return nil
}
