package ctranslate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// Version is that of the layout of the context and of the file's header: package native takes no other.
const Version = 1

// Magic begins the header of a file.
const Magic = "pglite code\n\x00"

const (
	longjmpImport = "env._emscripten_throw_longjmp"
	invokePrefix  = "env.invoke_"
	stackPointer  = "__stack_pointer"
	threwExport   = "setThrew"
)

const includes = "#include \"runtime.h\"\n#include \"functions.h\"\n"

// writeImports writes the functions that the module imports, and the entries of those that it exports.
func (t *translator) writeImports() error {
	var out strings.Builder
	out.WriteString(includes)
	for i, imported := range t.Imports {
		body, err := t.importBody(i, imported)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s\n{\n%s}\n", t.prototype(i, true), body)
	}
	for i, e := range t.entries {
		body, err := t.entryBody(e)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "HIDDEN void entry%d(u8*m)\n{\n%s}\n", i, body)
	}
	if t.hook >= 0 {
		const hook = "HIDDEN __attribute__((preserve_most)) void hook(u8*m)\n{\nCTX(s32,C_ROUNDS)=%d;\n%s(m);\n}\n"
		fmt.Fprintf(&out, hook, t.opts.Hook.Every, t.names[t.hook])
	}
	t.files["imports.c"] = []byte(out.String())
	return nil
}

// importBody is a call of the host, or what the runtime does itself.
func (t *translator) importBody(index int, i wasm.Import) (string, error) {
	path := i.Module + "." + i.Name
	if path == longjmpImport {
		return "throw_longjmp(m);\n", nil
	}
	if strings.HasPrefix(path, invokePrefix) {
		return t.invokeBody(path, i.Function)
	}
	if len(i.Function.Params) > maxArguments {
		return "", fmt.Errorf("import %s has %d parameters, of which %d can be translated", path, len(i.Function.Params), maxArguments)
	}
	var body strings.Builder
	for k, p := range i.Function.Params {
		fmt.Fprintf(&body, "ARG(%s,%d)=l%d;", wide(p), k, k)
	}
	fmt.Fprintf(&body, "host_call(m,%d);", index)
	if len(i.Function.Results) > 0 {
		fmt.Fprintf(&body, "return ARG(%s,0);", cTypes[letters[i.Function.Results[0]]])
	}
	return body.String() + "\n", nil
}

// wide is the type that fills an argument's word: Go sees no garbage above a 32-bit integer.
func wide(t wasm.ValueType) string {
	if t == wasm.I32 {
		return "u64"
	}
	return cTypes[letters[t]]
}

// invokeBody calls a function of the table; a longjmp out of it comes back here.
func (t *translator) invokeBody(path string, ft wasm.FunctionType) (string, error) {
	threw, ok := t.export(threwExport, wasm.FunctionKind)
	if !ok || letterText(threw.Function) != "ii:" {
		return "", fmt.Errorf("the module imports %s but does not export %s", path, threwExport)
	}
	if _, ok := t.export(stackPointer, wasm.GlobalKind); !ok || len(ft.Params) == 0 || ft.Params[0] != wasm.I32 {
		return "", fmt.Errorf("the module imports %s of the type %v, and exports no %s", path, ft, stackPointer)
	}
	callee := wasm.FunctionType{Params: ft.Params[1:], Results: ft.Results}
	canonical := slices.IndexFunc(t.Types, callee.Equal) // -1 is no function's
	arguments := []string{"m"}
	for k := range callee.Params {
		arguments = append(arguments, fmt.Sprintf("l%d", k+1))
	}
	call := fmt.Sprintf("((%s)table_function(m,l0,%d))(%s)", pointerType(callee), canonical, strings.Join(arguments, ","))
	result, zero := "", ""
	if len(ft.Results) > 0 {
		call, result, zero = fmt.Sprintf("%s r=%s", resultType(ft), call), " r", " 0"
	}
	const body = "struct jump j;\njump_enter(m,&j);\nif(!save_registers(&j)){\nCTX(u64,C_JUMP)=(u64)&j;\n%s;\njump_leave(m,&j);\nreturn%s;\n}\n" +
		"jump_leave(m,&j);\nGLOBAL(u32,STACK_POINTER)=j.stack;\n%s(m,1,0);\nreturn%s;\n"
	return fmt.Sprintf(body, call, result, t.names[threw.Index], zero), nil
}

// entryBody calls an exported function with its arguments from the context.
func (t *translator) entryBody(e wasm.Export) (string, error) {
	if len(e.Function.Params) > maxArguments {
		return "", fmt.Errorf("export %s has %d parameters, of which %d can be translated", e.Name, len(e.Function.Params), maxArguments)
	}
	arguments := []string{"m"}
	for k, p := range e.Function.Params {
		arguments = append(arguments, fmt.Sprintf("ARG(%s,%d)", cTypes[letters[p]], k))
	}
	call := fmt.Sprintf("%s(%s);\n", t.names[e.Index], strings.Join(arguments, ","))
	if len(e.Function.Results) == 0 {
		return call, nil
	}
	return fmt.Sprintf("ARG(%s,0)=%s", wide(e.Function.Results[0]), call), nil
}

// writeHeaders writes what all parts include.
func (t *translator) writeHeaders() error {
	var functions, constants strings.Builder
	for i := range t.Functions {
		fmt.Fprintf(&functions, "%s;\n", t.prototype(i, false))
	}
	t.files["functions.h"] = []byte(functions.String())
	fmt.Fprintf(&constants, "#define TABLE_SIZE %du\n#define NO_TYPE %du\n", t.tableSize(), noType)
	slot := 0
	if e, ok := t.export(stackPointer, wasm.GlobalKind); ok {
		if slot = t.slots[e.Index]; slot < 0 || t.Globals[e.Index].Value != wasm.I32 {
			return fmt.Errorf("%s is no mutable i32", stackPointer)
		}
	}
	fmt.Fprintf(&constants, "#define STACK_POINTER %d\n", slot)
	t.files["constants.h"] = []byte(constants.String())
	return nil
}

// noType is the type of a table element without a function.
const noType = 0xffffffff

func (t *translator) tableSize() uint32 {
	if len(t.Tables) == 0 {
		return 0
	}
	return t.Tables[0].Limits.Min
}

// writeTables writes the function table, the data segments, and the header that package native reads.
func (t *translator) writeTables() error {
	elements := make([]int, t.tableSize())
	for i := range elements {
		elements[i] = -1
	}
	for i, e := range t.Elements {
		if uint64(e.Offset)+uint64(len(e.Functions)) > uint64(len(elements)) {
			return fmt.Errorf("element segment %d reaches beyond the table", i)
		}
		for k, index := range e.Functions {
			elements[int(e.Offset)+k] = int(index)
		}
	}
	var out strings.Builder
	out.WriteString("\t.section .rodata\n\t.balign 64\n\t.globl TABLE\n\t.hidden TABLE\nTABLE:\n")
	for _, index := range elements {
		if index < 0 {
			fmt.Fprintf(&out, "\t.long 0, %d\n", uint32(noType))
			continue
		}
		fmt.Fprintf(&out, "\t.long %s - TABLE, %d\n", t.names[index], t.canonical[t.Functions[index]])
	}
	for i, s := range t.Data {
		name := fmt.Sprintf("data%d.bin", i)
		t.files[name] = s.Bytes
		fmt.Fprintf(&out, "\t.balign 64\nDATA%d:\n\t.incbin \"%s\"\n", i, name)
	}
	out.WriteString("\t.balign 64\n\t.globl DATA\n\t.hidden DATA\nDATA:\n")
	for i, s := range t.Data {
		fmt.Fprintf(&out, "\t.long DATA%d - DATA, %d\n", i, len(s.Bytes))
	}
	t.writeHeader(&out)
	out.WriteString("\t.section .note.GNU-stack, \"\", %progbits\n")
	t.files["tables.s"] = []byte(out.String())
	return nil
}

// writeHeader writes the header, which the linker makes the file's entry point: the magic, the version, distances from the header to the
// runtime's routines, to the description with its length, and to the distances of the entries with their number.
func (t *translator) writeHeader(out *strings.Builder) {
	description := t.description()
	out.WriteString("\t.balign 64\n\t.globl HEADER\n\t.hidden HEADER\nHEADER:\n")
	for _, c := range []byte(Magic) {
		fmt.Fprintf(out, "\t.byte %d\n", c)
	}
	fmt.Fprintf(out, "\t.balign 4\n\t.long %d\n", Version)
	for _, name := range []string{"resume", "thunk", "fault"} {
		fmt.Fprintf(out, "\t.long %s - HEADER\n", name)
	}
	fmt.Fprintf(out, "\t.long DESCRIPTION - HEADER, %d\n\t.long ENTRIES - HEADER, %d\n", len(description), len(t.entries))
	out.WriteString("ENTRIES:\n")
	for i := range t.entries {
		fmt.Fprintf(out, "\t.long entry%d - HEADER\n", i)
	}
	out.WriteString("DESCRIPTION:\n\t.incbin \"description.txt\"\n")
	t.files["description.txt"] = []byte(description)
}

// description says what the host must know of the module, a line each:
//
//	module SUM
//	memory MIN MAX              in memory pages
//	import MODULE NAME TYPE     in the order of their numbers in C_CALL
//	entry NAME TYPE             in the order of ENTRIES
//	global SLOT BITS            a mutable global's first value
//	variable NAME SLOT          an exported mutable global
//	constant NAME BITS          an exported immutable global
func (t *translator) description() string {
	var out strings.Builder
	fmt.Fprintf(&out, "module %q\n", t.opts.Sum)
	if len(t.Memories) > 0 {
		l := t.Memories[0]
		if !l.HasMax {
			l.Max = 1 << 16
		}
		fmt.Fprintf(&out, "memory %d %d\n", l.Min, l.Max)
	}
	for _, i := range t.Imports {
		fmt.Fprintf(&out, "import %q %q %s\n", i.Module, i.Name, letterText(i.Function))
	}
	for _, e := range t.entries {
		fmt.Fprintf(&out, "entry %q %s\n", e.Name, letterText(e.Function))
	}
	for i, g := range t.Globals {
		if g.Mutable {
			fmt.Fprintf(&out, "global %d %d\n", t.slots[i], g.First)
		}
	}
	for _, e := range t.Exports {
		if e.Kind != wasm.GlobalKind {
			continue
		}
		if slot := t.slots[e.Index]; slot >= 0 {
			fmt.Fprintf(&out, "variable %q %d\n", e.Name, slot)
		} else {
			fmt.Fprintf(&out, "constant %q %d\n", e.Name, t.Globals[e.Index].First)
		}
	}
	return out.String()
}

// letterText writes a type as host functions have it.
func letterText(t wasm.FunctionType) string {
	return string(lettersOf(t.Params)) + ":" + string(lettersOf(t.Results))
}
