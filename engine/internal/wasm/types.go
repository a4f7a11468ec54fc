package wasm

import (
	"fmt"
	"slices"
	"strings"
)

// ValueType is the type of an operand, a local or a global, as the binary
// format encodes it.
type ValueType byte

// The value types. The zero ValueType is none of them.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

// unknown stands for an operand of unreachable code, which may be of any type.
const unknown ValueType = 0

// valueTypeNames are the text format's names.
var valueTypeNames = map[ValueType]string{
	unknown: "unknown", I32: "i32", I64: "i64", F32: "f32", F64: "f64", V128: "v128",
	FuncRef: "funcref", ExternRef: "externref",
}

// String returns the text format's name of the type.
func (t ValueType) String() string {
	if name, ok := valueTypeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("value type 0x%02x", byte(t))
}

func (t ValueType) valid() bool {
	switch t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef:
		return true
	}
	return false
}

func (t ValueType) isReference() bool { return t == FuncRef || t == ExternRef }

// FunctionType is the signature of a function.
type FunctionType struct {
	Params, Results []ValueType
}

// String returns the signature, such as "(i32 i64) -> (f64)".
func (t FunctionType) String() string {
	return typeList(t.Params) + " -> " + typeList(t.Results)
}

// Equal reports whether both signatures are the same.
func (t FunctionType) Equal(u FunctionType) bool {
	return slices.Equal(t.Params, u.Params) && slices.Equal(t.Results, u.Results)
}

func typeList(types []ValueType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return "(" + strings.Join(names, " ") + ")"
}

// GlobalType is the type of a global.
type GlobalType struct {
	Value   ValueType
	Mutable bool
}

// Limits are the size of a memory in memory pages, or of a table in elements.
type Limits struct {
	Min, Max uint32
	HasMax   bool
	Shared   bool
}

// ExternKind says what an import or export is.
type ExternKind byte

// The kinds of imports and exports, as the binary format encodes them.
const (
	FunctionKind ExternKind = 0
	TableKind    ExternKind = 1
	MemoryKind   ExternKind = 2
	GlobalKind   ExternKind = 3
)

// String returns the specification's word for the kind.
func (k ExternKind) String() string {
	names := [...]string{"function", "table", "memory", "global"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind 0x%02x", byte(k))
}
