package machine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// Host functions that the engine itself has, besides those of [IsInvoke].
const (
	LongjmpImport = "env._emscripten_throw_longjmp"
	YieldImport   = "pglite.yield"
)

// IsInvoke reports whether an import is one of Emscripten's invoke_ functions, which are the engine's own.
func IsInvoke(module, name string) bool { return module == "env" && strings.HasPrefix(name, "invoke_") }

// Linkable reports why a module cannot be linked to these host functions, nil when it can.
func Linkable(host hostcall.Table, module []byte) error {
	imports, err := wasm.Imports(module)
	if err != nil {
		return err
	}
	var unknown []string
	for _, i := range imports {
		if i.Kind == wasm.FunctionKind {
			unknown = append(unknown, Unknown(host, i.Module, i.Name,
				Signature(i.Function.Params, i.Function.Results))...)
		}
	}
	return NotLinked(unknown)
}

// Unknown returns why there is no host function for an import of this type, and nothing when there is one.
func Unknown(host hostcall.Table, module, name, have string) []string {
	h, ok := host[module][name]
	switch path := module + "." + name; {
	case IsInvoke(module, name) && strings.HasPrefix(have, "i"), path == LongjmpImport, path == YieldImport, ok &&
		have == h.Signature:
		return nil
	case !ok:
		return []string{fmt.Sprintf("unknown import %s.%s: this runtime was built for another version of pglite",
			module, name)}
	}
	const other = "import %s.%s has the type %s, not %s: this runtime was built for another version of pglite"
	return []string{fmt.Sprintf(other, module, name, have, h.Signature)}
}

// NotLinked makes an error of what [Unknown] has returned for all imports, nil if that is nothing.
func NotLinked(unknown []string) error {
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return errors.New(strings.Join(unknown, "; "))
}

// Signature writes a function type as [hostcall.Func] has it. The types have the numbers of the binary format.
func Signature[T ~byte](params, results []T) string {
	letters := map[wasm.ValueType]byte{wasm.I32: 'i', wasm.I64: 'j', wasm.F32: 'f', wasm.F64: 'd'}
	var b strings.Builder
	for _, t := range params {
		b.WriteByte(letters[wasm.ValueType(t)])
	}
	b.WriteByte(':')
	for _, t := range results {
		b.WriteByte(letters[wasm.ValueType(t)])
	}
	return b.String()
}
