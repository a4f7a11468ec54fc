package ctranslate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// control translates the control instructions but for calls (4.4.8).
func (f *function) control(s *wasm.Step) error {
	switch s.Op {
	case opUnreachable:
		f.printf("TRAP(TRAP_UNREACHABLE);")
		f.end()
	case opBlock, opLoop, opIf:
		return f.open(s)
	case opElse:
		f.elseBranch()
	case opEnd:
		f.close()
	case opBr:
		f.printf("%s", f.branch(s.Index))
		f.end()
	case opBrIf:
		condition := f.pop()
		f.printf("if(%s){%s}", condition, f.branch(s.Index))
	case opBrTable:
		f.printf("switch(%s){", f.pop())
		last := len(s.Labels) - 1
		for i, label := range s.Labels[:last] {
			f.printf("case %d:%s", i, f.branch(label))
		}
		f.printf("default:%s}", f.branch(s.Labels[last]))
		f.end()
	case opReturn:
		f.printf("%s", f.branch(uint32(len(f.blocks)-1)))
		f.end()
	}
	return nil
}

// open opens a block.
func (f *function) open(s *wasm.Step) error {
	b := block{op: s.Op, results: lettersOf(s.Block.Results)}
	if len(s.Block.Params) > 0 || slices.Contains(b.results, 0) {
		return fmt.Errorf("offset %#x: a block of the type %v cannot be translated", s.Offset, s.Block)
	}
	f.labels++
	b.label = f.labels
	switch s.Op {
	case opLoop:
		f.printf("L%d:;", b.label)
		for i := range f.blocks {
			f.blocks[i].busy = true
		}
		b.begin = len(f.out)
		b.hooked = f.hook >= 0 && !f.exempt[uint32(f.index)]
	case opIf:
		f.printf("if(%s){", f.pop())
	}
	b.height = len(f.stack)
	f.blocks = append(f.blocks, b)
	return nil
}

// results writes the moves that put the topmost operands where a block leaves its results.
func (f *function) results(b *block) string {
	var moves strings.Builder
	from := f.stack[len(f.stack)-len(b.results):]
	for i, letter := range b.results { // a result never goes above where it comes from, so none is overwritten
		if name := f.variable(letter, b.height+i); name != from[i].text {
			fmt.Fprintf(&moves, "%s=%s;", name, from[i].text)
		}
	}
	return moves.String()
}

// branch writes a branch to the label that is so many blocks out.
func (f *function) branch(depth uint32) string {
	b := &f.blocks[len(f.blocks)-1-int(depth)]
	switch {
	case b.op == opLoop:
		return fmt.Sprintf("goto L%d;", b.label)
	case b.op != 0:
		b.reached = true
		return fmt.Sprintf("%sgoto L%d;", f.results(b), b.label)
	case len(b.results) == 0:
		return "return;"
	}
	return "return " + f.stack[len(f.stack)-1].text + ";"
}

func (f *function) elseBranch() {
	b := &f.blocks[len(f.blocks)-1]
	if !f.dead {
		f.printf("%s", f.results(b))
	}
	f.dead = false
	f.printf("}else{")
	b.op = opElse
	f.stack = f.stack[:b.height]
}

// close ends the innermost block, or the function.
func (f *function) close() {
	b := f.blocks[len(f.blocks)-1]
	switch {
	case f.dead:
	case b.op != 0:
		f.printf("%s", f.results(&b))
	case len(b.results) > 0:
		f.printf("return %s;", f.stack[len(f.stack)-1].text)
	}
	f.dead = false
	if b.op == opIf || b.op == opElse {
		f.printf("}")
	}
	if b.reached {
		f.printf("L%d:;", b.label)
	}
	if b.hooked {
		f.countRounds(b)
	}
	f.stack = f.stack[:b.height]
	f.blocks = f.blocks[:len(f.blocks)-1]
	if b.op == 0 {
		return
	}
	for _, letter := range b.results {
		f.stack = append(f.stack, operand{letter, f.variable(letter, len(f.stack))})
	}
}

// countRounds puts the hook at the beginning of a loop that has ended.
func (f *function) countRounds(b block) {
	text := "HOOK(1);\n"
	if batch := f.opts.Hook.Batch; !b.busy && batch > 1 {
		f.batched = true
		text = fmt.Sprintf("if(unlikely(!(++rounds&%d)))HOOK(%d);\n", batch-1, batch)
	}
	f.out = slices.Insert(f.out, b.begin, []byte(text)...)
}
