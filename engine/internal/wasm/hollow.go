package wasm

import "crypto/sha256"

// hollowName is the custom section of a hollow module, its last. It holds the SHA-256 of the compiler and the whole
// module, so that the hollow modules of two modules differ even when only their code does.
const hollowName = "pglite.hollow"

// Hollow returns the module, which [Rewrite] would give this mark, without its code: all function bodies trap, also the
// mark's. Whoever has the machine code needs no more to make instances of the module, and the mark reports whether the
// code is the hollow module's own. The compiler is what the code is of besides the module.
func Hollow(module []byte, mark, compiler string) ([]byte, error) {
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
	sum := sha256.New()
	sum.Write(appendName(nil, compiler))
	sum.Write(module)
	return appendPieces(p.encode(), customSection, [][]byte{appendName(nil, hollowName), sum.Sum(nil)}), nil
}

// HollowSum returns what tells a module that [Hollow] has made from all others.
func HollowSum(hollow []byte) []byte { return hollow[max(0, len(hollow)-sha256.Size):] }

func (p *plan) addMark(opts Options) error {
	if opts.Mark == "" {
		return nil
	}
	index := p.addFunction(FunctionType{}, []byte{0, byte(opEnd)})
	return p.addExport(opts.Mark, FunctionKind, index)
}
