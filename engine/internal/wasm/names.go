package wasm

// Names are the names that a module's "name" custom section gives to
// functions and globals, by index. Several may carry the same name.
type Names struct {
	Functions, Globals map[uint32]string
}

// Subsections of the name section. Number 7 is of the extended-name-section
// proposal; wasm-ld and Binaryen write it.
const (
	functionNames = 1
	globalNames   = 7
)

// ReadNames returns the names that the module's name section holds; a module
// without one has no names.
func ReadNames(module []byte) (Names, error) {
	m, err := parse(module)
	if err != nil {
		return Names{}, err
	}
	return m.names()
}

// names parses the name section, if there is one.
func (m *module) names() (Names, error) {
	names := Names{Functions: map[uint32]string{}, Globals: map[uint32]string{}}
	for _, s := range m.sections {
		if s.id != customSection || s.name != "name" {
			continue
		}
		r := reader{data: m.data, pos: s.items, end: s.end, section: "name section"}
		for r.more() && r.err == nil {
			r.nameSubsection(&names)
		}
		if r.err != nil {
			return Names{}, r.err
		}
	}
	return names, nil
}

func (r *reader) nameSubsection(names *Names) {
	id := r.byte()
	size := r.u32()
	start := r.pos
	r.skip(size)
	if r.err != nil {
		return
	}
	part := reader{data: r.data, pos: start, end: r.pos, section: r.section}
	switch id {
	case functionNames:
		part.nameMap(names.Functions)
	case globalNames:
		part.nameMap(names.Globals)
	}
	r.err = part.err
}

func (r *reader) nameMap(into map[uint32]string) {
	for range r.count() {
		index := r.u32()
		into[index] = r.name()
		if r.err != nil {
			return
		}
	}
}

// indicesNamed returns the indices that carry the name, in no order.
func indicesNamed(names map[uint32]string, name string) (indices []uint32) {
	for index, n := range names {
		if n == name {
			indices = append(indices, index)
		}
	}
	return indices
}
