package ctranslate

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// Options says how a module is translated.
type Options struct {
	// Sum names the module that the code is of; it is in the file's description.
	Sum string
	// Hook makes loops call a function of the module now and then.
	Hook Hook
	// Parts is into how many C files the functions go, so that they can be compiled at the same time; 0 is 1.
	Parts int
}

// Hook is the loop hook: each round of a loop takes one from a counter, and when that is below zero, Function is called after the counter has
// been set to Every. Innermost loops without calls take Batch rounds at once.
type Hook struct {
	Function string   // an export without parameters and results; empty: no hook
	Every    uint32   // below 2^31
	Batch    uint32   // a power of two
	Exempt   []string // functions, by their names, whose loops do not count
}

// Limits of the form of the code.
const (
	maxArguments = 56       // of calls between the code and its host
	maxGlobals   = 440      // mutable ones
	maxTable     = 1 << 20  // elements
	reach        = 64 << 20 // offsets of memory accesses below this need no check: what they name is in the memory's guard
)

// Reach is how far beyond 4 GiB the guard of a memory must reach.
const Reach = reach

//go:embed c
var runtimeFiles embed.FS

// Translate returns the C and assembler files that a module is translated to, by their names. Data segments must be passive, and nothing but
// functions may be imported.
func Translate(module []byte, opts Options) (files map[string][]byte, err error) {
	d, err := wasm.Decode(module)
	if err != nil {
		return nil, err
	}
	t := &translator{Decoded: d, opts: opts, files: map[string][]byte{}}
	for _, step := range []func() error{t.check, t.number, t.copyRuntime, t.functions, t.writeImports, t.writeTables, t.writeHeaders} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return t.files, nil
}

// translator translates one module.
type translator struct {
	*wasm.Decoded
	opts  Options
	files map[string][]byte

	imported  int
	canonical []int // of each type, the first that is equal
	slots     []int // of each global in the context, -1 for a constant
	names     []string
	hook      int // function index, -1 for none
	exempt    map[uint32]bool
	entries   []wasm.Export // exported functions
}

// check refuses what the form of the code has no place for.
func (t *translator) check() error {
	switch {
	case len(t.Tables) > 1 || len(t.Memories) > 1:
		return fmt.Errorf("the module has %d tables and %d memories: at most one of each can be translated", len(t.Tables), len(t.Memories))
	case t.tableSize() > maxTable:
		return fmt.Errorf("the table has %d elements, of which %d can be translated", t.tableSize(), maxTable)
	case t.HasStart():
		return fmt.Errorf("the module has a start function, which cannot be translated")
	}
	for _, i := range t.Imports {
		if i.Kind != wasm.FunctionKind {
			return fmt.Errorf("the module imports a %v, %s.%s: only imported functions can be translated", i.Kind, i.Module, i.Name)
		}
	}
	for i, s := range t.Data {
		if !s.Passive {
			return fmt.Errorf("data segment %d is active: make it passive first", i)
		}
	}
	for i, f := range t.Functions {
		ft := t.Types[f]
		if len(ft.Results) > 1 || slices.ContainsFunc(slices.Concat(ft.Params, ft.Results), func(v wasm.ValueType) bool { return letters[v] == 0 }) {
			return fmt.Errorf("function %d has the type %v, which cannot be translated", i, ft)
		}
	}
	return nil
}

// number gives everything its number and its name.
func (t *translator) number() error {
	t.imported = len(t.Imports)
	for i, ft := range t.Types {
		t.canonical = append(t.canonical, slices.IndexFunc(t.Types[:i+1], ft.Equal))
	}
	next := 0
	for _, g := range t.Globals {
		slot := -1
		if g.Mutable {
			slot, next = next, next+1
		}
		t.slots = append(t.slots, slot)
	}
	if next > maxGlobals {
		return fmt.Errorf("the module has %d mutable globals, of which %d can be translated", next, maxGlobals)
	}
	for i := range t.Functions {
		t.names = append(t.names, functionName(i, t.Names.Functions[uint32(i)]))
	}
	for _, e := range t.Exports {
		if e.Kind == wasm.FunctionKind {
			t.entries = append(t.entries, e)
		}
	}
	return t.findHook()
}

func (t *translator) findHook() error {
	t.hook, t.exempt = -1, map[uint32]bool{}
	h := t.opts.Hook
	if h.Function == "" {
		return nil
	}
	e, ok := t.export(h.Function, wasm.FunctionKind)
	if !ok || !e.Function.Equal(wasm.FunctionType{}) {
		return fmt.Errorf("the loop hook %q is no exported function without parameters and results", h.Function)
	}
	t.hook = int(e.Index)
	t.exempt[e.Index] = true
	for index, name := range t.Names.Functions {
		if slices.Contains(h.Exempt, name) {
			t.exempt[index] = true
		}
	}
	for _, e := range t.entries {
		if slices.Contains(h.Exempt, e.Name) {
			t.exempt[e.Index] = true
		}
	}
	return nil
}

func (t *translator) export(name string, kind wasm.ExternKind) (wasm.Export, bool) {
	i := slices.IndexFunc(t.Exports, func(e wasm.Export) bool { return e.Name == name && e.Kind == kind })
	if i < 0 {
		return wasm.Export{}, false
	}
	return t.Exports[i], true
}

// functionName makes a C name that debuggers and profilers can show.
func functionName(index int, name string) string {
	valid := func(c rune) rune {
		if c < 0x80 && (c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return c
		}
		return '_'
	}
	return fmt.Sprintf("f%d_%s", index, strings.Map(valid, name))
}

func (t *translator) copyRuntime() error {
	entries, err := runtimeFiles.ReadDir("c")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if t.files[e.Name()], err = runtimeFiles.ReadFile("c/" + e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// functions writes the parts, of about the same size.
func (t *translator) functions() error {
	bodies := len(t.Functions) - t.imported
	parts := max(1, min(t.opts.Parts, bodies))
	total := 0
	for i := range bodies {
		total += t.BodySize(i)
	}
	var part strings.Builder
	done, n := 0, 0
	flush := func() {
		t.files[fmt.Sprintf("part%02d.c", n)] = []byte("#include \"runtime.h\"\n#include \"functions.h\"\n" + part.String())
		part.Reset()
		n++
	}
	for i := range bodies {
		text, err := t.function(i)
		if err != nil {
			return err
		}
		part.WriteString(text)
		if done += t.BodySize(i); done*parts >= (n+1)*total && n < parts-1 {
			flush()
		}
	}
	flush()
	return nil
}

// Names returns the names of the files that Translate returns, sorted.
func Names(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }

// FormName returns the name of an instruction that is written by a form; ok is false for others.
func FormName(op uint16) (name string, ok bool) {
	f, ok := forms[op]
	return f.name, ok
}
