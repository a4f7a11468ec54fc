package wasm

import "crypto/sha256"

// hollowName is the custom section of a hollow module. It holds the SHA-256 of the whole one, so that the hollow modules of two modules
// differ even when only their code does.
const hollowName = "pglite.hollow"

// Hollow returns the module, which [Rewrite] would give this mark, without its code: all function bodies trap, also the mark's. Whoever has
// the machine code needs no more to make instances of the module, and the mark tells whether the code is the hollow module's own.
func Hollow(module []byte, mark string) ([]byte, error) {
	m, err := parse(module)
	if err != nil {
		return nil, err
	}
	p := &plan{m: m}
	if err := p.addMark(Options{Mark: mark}); err != nil {
		return nil, err
	}
	n := len(m.bodies) + len(p.functions)
	code := appendU32(nil, uint32(n))
	for range n {
		code = append(code, 3, 0, byte(opUnreachable), byte(opEnd)) // the size; no locals
	}
	p.replace(codeSection, code)
	sum := sha256.Sum256(module)
	return appendPieces(p.encode(), customSection, [][]byte{appendName(nil, hollowName), sum[:]}), nil
}

func (p *plan) addMark(opts Options) error {
	if opts.Mark == "" {
		return nil
	}
	index := p.addFunction(FunctionType{}, []byte{0, byte(opEnd)})
	return p.addExport(opts.Mark, FunctionKind, index)
}
