package wasm

import "fmt"

// PassiveData makes the active data segments of memory 0 passive and moves
// their work into a new function, so that a module can be instantiated over a
// memory that is in use. The function keeps the segments: it may run again.
//
// A start function runs before the memory is initialised then.
type PassiveData struct {
	// InitExport is the export name of the function, which takes and returns
	// nothing. Empty: the data stays as it is.
	InitExport string
}

func (p *plan) makePassive(opts Options) error {
	o := opts.PassiveData
	if o.InitExport == "" {
		return nil
	}
	if _, ok := p.m.export(o.InitExport); ok {
		return fmt.Errorf("wasm: passive data: the module already exports %q", o.InitExport)
	}
	body := []byte{0} // no locals
	pieces := [][]byte{appendU32(nil, uint32(len(p.m.segments)))}
	for i, s := range p.m.segments {
		if !s.initialises() {
			pieces = append(pieces, p.m.data[s.start:s.end])
			continue
		}
		pieces = append(pieces, []byte{passiveSegment}, p.m.data[s.init:s.end])
		body = p.m.appendInit(body, s, uint32(i))
	}
	if n := len(p.m.segments); n > 0 {
		p.replace(dataSection, pieces...)
		p.replace(dataCountSection, appendU32(nil, uint32(n)))
	}
	index := p.addFunction(FunctionType{}, append(body, byte(opEnd)))
	return p.addExport(o.InitExport, FunctionKind, index)
}

// appendInit appends the copying of a whole segment to its offset.
func (m *module) appendInit(code []byte, s dataSegment, index uint32) []byte {
	offset := m.data[s.offset:s.init]
	code = append(code, offset[:len(offset)-1]...) // without its end
	code = appendI32Const(appendI32Const(code, 0), s.size)
	code = appendU32(append(code, prefixMisc), uint32(opMemoryInit&0xff))
	return append(appendU32(code, index), 0)
}
