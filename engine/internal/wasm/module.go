package wasm

import "bytes"

// Section identifiers of the binary format.
const (
	customSection    = 0
	typeSection      = 1
	importSection    = 2
	functionSection  = 3
	tableSection     = 4
	memorySection    = 5
	globalSection    = 6
	exportSection    = 7
	startSection     = 8
	elementSection   = 9
	codeSection      = 10
	dataSection      = 11
	dataCountSection = 12
)

// sectionOrder ranks the sections: data count, the youngest, stands before
// code.
var sectionOrder = [...]int{
	typeSection: 1, importSection: 2, functionSection: 3, tableSection: 4, memorySection: 5,
	globalSection: 6, exportSection: 7, startSection: 8, elementSection: 9,
	dataCountSection: 10, codeSection: 11, dataSection: 12,
}

var sectionNames = [...]string{
	customSection: "custom section", typeSection: "type section", importSection: "import section",
	functionSection: "function section", tableSection: "table section", memorySection: "memory section",
	globalSection: "global section", exportSection: "export section", startSection: "start section",
	elementSection: "element section", codeSection: "code section", dataSection: "data section",
	dataCountSection: "data count section",
}

var moduleHeader = []byte("\x00asm\x01\x00\x00\x00")

// section is the place of a section in the module: the identifier at start,
// its items (after the vector's length or the custom section's name) from
// items to end.
type section struct {
	id         byte
	name       string // of a custom section
	count      uint32 // items, of a section that is a vector
	start, end int
	items      int
}

// module is a decoded module. Its parts point into data.
type module struct {
	data          []byte
	sections      []section
	types         []FunctionType
	imports       []importEntry
	functions     []uint32 // type index of each function, imported ones first
	tables        []ValueType
	tableLimits   []Limits
	memories      uint32
	memoryLimits  []Limits
	globals       []GlobalType
	exports       []Export
	bodies        []body
	segments      []dataSegment
	importedFuncs int
}

// importEntry is an import with its place in the module.
type importEntry struct {
	Import
	start, description, end int
	typeIndex               uint32 // of a function
}

// body is the place of a function body: its size at start, the local
// declarations at locals.
type body struct {
	start, locals, end int
}

// parse decodes all of the module but element segments and function bodies.
func parse(data []byte) (*module, error) {
	if !bytes.HasPrefix(data, moduleHeader) {
		return nil, &FormatError{Section: "module header", Problem: "not a WebAssembly 1 module"}
	}
	m := &module{data: data}
	r := reader{data: data, pos: len(moduleHeader), end: len(data), section: "module"}
	last := 0
	for r.more() && r.err == nil {
		last = m.section(&r, last)
	}
	if r.err == nil && len(m.functions)-m.importedFuncs != len(m.bodies) {
		r.fail(len(data), "%d functions declared, %d bodies", len(m.functions)-m.importedFuncs, len(m.bodies))
	}
	return m, r.err
}

// section decodes a section that must rank after the last one, and returns
// its rank.
func (m *module) section(r *reader, last int) int {
	s := section{start: r.pos}
	s.id = r.byte()
	size := r.u32()
	part := reader{data: r.data, pos: r.pos}
	r.skip(size)
	if int(s.id) >= len(sectionNames) {
		r.fail(s.start, "unknown section %d", s.id)
	}
	if r.err != nil {
		return last
	}
	part.end, s.end, part.section = r.pos, r.pos, sectionNames[s.id]
	if s.id == customSection {
		s.name = part.name()
		s.items = part.pos
	} else {
		if rank := sectionOrder[s.id]; rank <= last {
			r.fail(s.start, "%s is out of order or repeated", sectionNames[s.id])
		}
		last = sectionOrder[s.id]
		m.decodeSection(&s, &part)
	}
	m.sections = append(m.sections, s)
	if part.err != nil {
		r.err = part.err
	}
	return last
}

// decodeSection decodes the contents of a section other than a custom one.
func (m *module) decodeSection(s *section, r *reader) {
	decode := m.itemDecoder(s.id)
	switch s.id {
	case startSection, dataCountSection:
		s.items = r.pos
		r.u32()
	case elementSection: // no rewrite looks into it
		s.count = r.count()
		s.items = r.pos
		return
	default:
		s.count = r.count()
		s.items = r.pos
		for range s.count {
			if decode(r); r.err != nil {
				return
			}
		}
	}
	if r.err == nil && r.more() {
		r.fail(r.pos, "%d bytes left after the last item", r.end-r.pos)
	}
}

func (m *module) itemDecoder(id byte) func(*reader) {
	switch id {
	case typeSection:
		return m.typeItem
	case importSection:
		return m.importItem
	case functionSection:
		return m.functionItem
	case tableSection:
		return m.tableItem
	case memorySection:
		return m.memoryItem
	case globalSection:
		return m.globalItem
	case exportSection:
		return m.exportItem
	case codeSection:
		return m.bodyItem
	case dataSection:
		return m.dataItem
	}
	return nil
}

// functionType returns the type of a function by its index.
func (m *module) functionType(index uint32) FunctionType {
	return m.types[m.functions[index]]
}
