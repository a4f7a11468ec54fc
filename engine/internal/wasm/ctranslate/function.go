package ctranslate

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// letters name the types of operands in C's variables and in signatures; cTypes are their types in C.
var (
	letters = map[wasm.ValueType]byte{wasm.I32: 'i', wasm.I64: 'j', wasm.F32: 'f', wasm.F64: 'd'}
	cTypes  = map[byte]string{'i': "u32", 'j': "u64", 'f': "f32", 'd': "f64"}
)

// operand is what is on the operand stack: a variable or a constant.
type operand struct {
	letter byte
	text   string
}

// block is an open block. Operands below height belong to the blocks around it.
type block struct {
	op      uint16 // of the instruction that opened it, opElse after that, 0 for the function's body
	height  int
	results []byte
	label   int
	reached bool // some branch goes to its end
	hooked  bool // a loop whose rounds are counted
	begin   int  // of a loop: where its first instruction is in the text
	busy    bool // of a loop: it has a call or a loop in it
}

// function translates one function body.
type function struct {
	*translator
	index   int // among all functions
	out     []byte
	locals  []byte
	stack   []operand
	blocks  []block
	labels  int
	used    map[string]byte // variables for operands, with their letters
	batched bool            // some loop counts in a variable
	dead    bool            // the code that follows is never reached
	nested  int             // blocks that were opened in dead code
}

// function returns the C of a defined function.
func (t *translator) function(defined int) (string, error) {
	f := &function{translator: t, index: t.imported + defined, used: map[string]byte{}}
	results := t.Types[t.Functions[f.index]].Results
	f.blocks = []block{{results: lettersOf(results)}}
	err := t.Walk(defined, f.begin, f.step)
	if err != nil {
		return "", fmt.Errorf("function %d (%s): %w", f.index, t.Names.Functions[uint32(f.index)], err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n{\n", t.prototype(f.index, true))
	for i := len(t.Types[t.Functions[f.index]].Params); i < len(f.locals); i++ {
		fmt.Fprintf(&text, "%s l%d=0;", cTypes[f.locals[i]], i)
	}
	for _, name := range slices.Sorted(maps.Keys(f.used)) {
		fmt.Fprintf(&text, "%s %s;", cTypes[f.used[name]], name)
	}
	if f.batched {
		text.WriteString("u32 rounds=0;")
	}
	fmt.Fprintf(&text, "\n%s}\n", f.out)
	return text.String(), nil
}

func lettersOf(types []wasm.ValueType) (all []byte) {
	for _, t := range types {
		all = append(all, letters[t])
	}
	return all
}

func (f *function) begin(locals []wasm.ValueType) error {
	f.locals = lettersOf(locals)
	if i := bytes.IndexByte(f.locals, 0); i >= 0 {
		return fmt.Errorf("local %d is a %v, which cannot be translated", i, locals[i])
	}
	return nil
}

func (f *function) printf(format string, args ...any) {
	f.out = append(fmt.Appendf(f.out, format, args...), '\n')
}

// variable names the variable for an operand at a depth of the stack.
func (f *function) variable(letter byte, depth int) string {
	name := fmt.Sprintf("%c%d", letter, depth)
	f.used[name] = letter
	return name
}

// push assigns an expression to the next operand.
func (f *function) push(letter byte, expression string) {
	name := f.variable(letter, len(f.stack))
	f.stack = append(f.stack, operand{letter, name})
	f.printf("%s=%s;", name, expression)
}

func (f *function) pushConstant(letter byte, text string) {
	f.stack = append(f.stack, operand{letter, text})
}

func (f *function) pop() string {
	last := len(f.stack) - 1
	text := f.stack[last].text
	f.stack = f.stack[:last]
	return text
}

// take takes n operands, the deepest first.
func (f *function) take(n int) []operand {
	at := len(f.stack) - n
	taken := slices.Clone(f.stack[at:])
	f.stack = f.stack[:at]
	return taken
}

// end makes the rest of the block dead.
func (f *function) end() { f.dead, f.nested = true, 0 }

// Opcodes that forms.go does not have.
const (
	opUnreachable  = 0x00
	opNop          = 0x01
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opDrop         = 0x1a
	opSelect       = 0x1b
	opSelectTyped  = 0x1c
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opMemoryInit   = 0xfc08
)

// step translates an instruction.
func (f *function) step(s *wasm.Step) error {
	if f.dead && f.skip(s.Op) {
		return nil
	}
	if form, ok := forms[s.Op]; ok {
		return f.fixed(s, form)
	}
	switch s.Op {
	case opBlock, opLoop, opIf, opElse, opEnd, opBr, opBrIf, opBrTable, opReturn, opUnreachable, opNop:
		return f.control(s)
	case opCall, opCallIndirect:
		f.call(s)
	case opDrop:
		f.pop()
	case opSelect, opSelectTyped: // 4.4.4
		o := f.take(3)
		f.push(o[0].letter, fmt.Sprintf("%s?%s:%s", o[2].text, o[0].text, o[1].text))
	case opLocalGet, opLocalSet, opLocalTee, opGlobalGet, opGlobalSet:
		f.variableAccess(s)
	case opI32Const, opI64Const, opF32Const, opF64Const:
		f.pushConstant(constant(s))
	case opMemoryInit: // 4.4.7 memory.init
		o := f.take(3)
		f.printf("memory_init(m,%d,%s,%s,%s);", s.Index, o[0].text, o[1].text, o[2].text)
	default:
		return fmt.Errorf("offset %#x: opcode %#02x cannot be translated", s.Offset, s.Op)
	}
	return nil
}

// skip reports whether an instruction of dead code is to be left out: all but what ends it.
func (f *function) skip(op uint16) bool {
	switch op {
	case opBlock, opLoop, opIf:
		f.nested++
	case opEnd:
		if f.nested == 0 {
			return false
		}
		f.nested--
	case opElse:
		return f.nested > 0
	}
	return true
}

// constant writes a constant (4.4.1 t.const). That of a float is its bits: a NaN keeps its payload, a zero its sign.
func constant(s *wasm.Step) (letter byte, text string) {
	switch s.Op {
	case opI32Const:
		return 'i', fmt.Sprintf("%du", uint32(s.Bits))
	case opI64Const:
		return 'j', fmt.Sprintf("%dull", s.Bits)
	case opF32Const:
		return 'f', fmt.Sprintf("f32_of_bits(%#xu)", s.Bits)
	}
	return 'd', fmt.Sprintf("f64_of_bits(%#xull)", s.Bits)
}

// accessed finds the width of a memory access in its form.
var accessed = regexp.MustCompile(`(?:MEM\(|ATOMIC_[A-Z]+\(|cmpxchg_)[usf](8|16|32|64)`)

// fixed translates an instruction that has a form.
func (f *function) fixed(s *wasm.Step, form form) error {
	if !s.Fixed {
		return fmt.Errorf("offset %#x: %s has no fixed type", s.Offset, form.name)
	}
	operands := f.take(len(s.Operands))
	replace := []string{}
	for i, o := range operands {
		replace = append(replace, fmt.Sprintf("$%d", i+1), o.text)
	}
	if width := accessed.FindStringSubmatch(form.c); width != nil {
		replace = append(replace, "$a", address(operands[0].text, s.Index2, width[1]))
	}
	expression := strings.NewReplacer(replace...).Replace(form.c)
	if s.Result == 0 {
		f.printf("%s;", expression)
		return nil
	}
	letter := letters[s.Result]
	if letter == 0 {
		return fmt.Errorf("offset %#x: %s leaves a %v, which cannot be translated", s.Offset, form.name, s.Result)
	}
	f.push(letter, expression)
	return nil
}

// address writes the address of an access; width is in bits.
func address(index string, offset uint32, width string) string {
	switch {
	case offset >= reach:
		return fmt.Sprintf("far_address(m,(u64)%s+%du,%s/8)", index, offset, width)
	case offset == 0:
		return "(u64)" + index
	}
	return fmt.Sprintf("(u64)%s+%du", index, offset)
}

// variableAccess translates the instructions of section 4.4.5. An immutable global is its value.
func (f *function) variableAccess(s *wasm.Step) {
	switch s.Op {
	case opLocalGet:
		f.push(f.locals[s.Index], fmt.Sprintf("l%d", s.Index))
	case opLocalSet:
		f.printf("l%d=%s;", s.Index, f.pop())
	case opLocalTee:
		f.printf("l%d=%s;", s.Index, f.stack[len(f.stack)-1].text)
	case opGlobalGet:
		g := f.Globals[s.Index]
		letter := letters[g.Value]
		if g.Mutable {
			f.push(letter, fmt.Sprintf("GLOBAL(%s,%d)", cTypes[letter], f.slots[s.Index]))
			return
		}
		ops := map[byte]uint16{'i': opI32Const, 'j': opI64Const, 'f': opF32Const, 'd': opF64Const}
		f.pushConstant(constant(&wasm.Step{Op: ops[letter], Bits: g.First}))
	case opGlobalSet:
		g := f.Globals[s.Index]
		f.printf("GLOBAL(%s,%d)=%s;", cTypes[letters[g.Value]], f.slots[s.Index], f.pop())
	}
}

// call translates calls (4.4.10). A function of the table is called when its type is the one that the instruction names.
func (f *function) call(s *wasm.Step) {
	for i := range f.blocks {
		f.blocks[i].busy = true
	}
	var callee string
	var ft wasm.FunctionType
	if s.Op == opCall {
		callee, ft = f.names[s.Index], f.Types[f.Functions[s.Index]]
	} else {
		ft = f.Types[s.Index]
		callee = fmt.Sprintf("((%s)table_function(m,%s,%d))", pointerType(ft), f.pop(), f.canonical[s.Index])
	}
	arguments := []string{"m"}
	for _, o := range f.take(len(ft.Params)) {
		arguments = append(arguments, o.text)
	}
	expression := fmt.Sprintf("%s(%s)", callee, strings.Join(arguments, ","))
	if len(ft.Results) == 0 {
		f.printf("%s;", expression)
		return
	}
	f.push(letters[ft.Results[0]], expression)
}

// pointerType is the C type of a pointer to functions of a type.
func pointerType(t wasm.FunctionType) string {
	return resultType(t) + "(*)(" + strings.Join(parameters(t, false), ",") + ")"
}

func resultType(t wasm.FunctionType) string {
	if len(t.Results) == 0 {
		return "void"
	}
	return cTypes[letters[t.Results[0]]]
}

func parameters(t wasm.FunctionType, named bool) []string {
	list := []string{"u8*m"}
	for i, p := range t.Params {
		text := cTypes[letters[p]]
		if named {
			text += fmt.Sprintf(" l%d", i)
		}
		list = append(list, text)
	}
	return list
}

// prototype is the head of a function's definition.
func (t *translator) prototype(index int, named bool) string {
	ft := t.Types[t.Functions[index]]
	return fmt.Sprintf("HIDDEN %s %s(%s)", resultType(ft), t.names[index], strings.Join(parameters(ft, named), ","))
}
