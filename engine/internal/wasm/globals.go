package wasm

import "errors"

func (p *plan) exportGlobals(opts Options) error {
	for _, name := range opts.ExportGlobals {
		index, err := p.m.global(name, p.names)
		if err != nil {
			return err
		}
		if err := p.addExport(name, GlobalKind, index); err != nil {
			return err
		}
	}
	return nil
}

// defineMemory moves the imported memory to the memory section. It stays
// memory 0, and its limits stay too.
func (p *plan) defineMemory(opts Options) error {
	if !opts.DefineMemory {
		return nil
	}
	s, _ := p.m.sectionByID(importSection)
	for _, entry := range p.m.imports {
		if entry.Kind != MemoryKind {
			continue
		}
		if p.m.memories > 1 {
			return errors.New("wasm: define memory: the module has more than one")
		}
		p.replace(importSection, appendU32(nil, s.count-1), p.m.data[s.items:entry.start], p.m.data[entry.end:s.end])
		p.replace(memorySection, appendU32(nil, 1), p.m.data[entry.description:entry.end])
		return nil
	}
	return errors.New("wasm: define memory: the module imports no memory")
}
