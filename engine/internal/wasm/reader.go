package wasm

import "fmt"

// FormatError says where a module is malformed, invalid or uses something
// that this package does not know.
type FormatError struct {
	Section string // such as "code section" or "module header"
	Offset  int    // from the start of the module
	Problem string
}

// Error describes the problem with section and offset.
func (e *FormatError) Error() string {
	return fmt.Sprintf("wasm: %s at offset 0x%x: %s", e.Section, e.Offset, e.Problem)
}

// reader decodes a part of a module. After the first failure err is set, the
// rest counts as read, and every read returns zero: callers that decode a
// vector look at err in each round, others once at the end.
type reader struct {
	data     []byte // the whole module, so that pos is an offset for errors
	pos, end int
	section  string
	err      error
}

func (r *reader) fail(at int, format string, args ...any) {
	if r.err == nil {
		r.err = &FormatError{Section: r.section, Offset: at, Problem: fmt.Sprintf(format, args...)}
	}
	r.pos = r.end
}

func (r *reader) more() bool { return r.pos < r.end }

func (r *reader) byte() byte {
	if r.pos >= r.end {
		r.fail(r.pos, "unexpected end")
		return 0
	}
	b := r.data[r.pos]
	r.pos++
	return b
}

// bytes returns the next n bytes, which belong to the module.
func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(r.end-r.pos) {
		r.fail(r.pos, "%d bytes announced, %d left", n, r.end-r.pos)
		return nil
	}
	b := r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b
}

func (r *reader) skip(n uint32) { r.bytes(n) }

func (r *reader) u32() uint32 {
	if r.pos < r.end && r.data[r.pos] < 0x80 {
		r.pos++
		return uint32(r.data[r.pos-1])
	}
	return r.longU32()
}

func (r *reader) longU32() uint32 {
	start := r.pos
	var v uint32
	for shift := 0; ; shift += 7 {
		b := r.byte()
		if shift == 28 && b > 0x0f {
			r.fail(start, "integer does not fit 32 bits")
			return 0
		}
		v |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
}

// signed reads a signed integer of the given number of bits (32, 33 or 64).
func (r *reader) signed(bits int) int64 {
	start := r.pos
	var v int64
	for shift := 0; ; shift += 7 {
		b := r.byte()
		if rest := bits - shift; rest < 7 && !signExtended(b, rest) {
			r.fail(start, "integer does not fit %d bits", bits)
			return 0
		}
		v |= int64(b&0x7f) << shift
		if b >= 0x80 {
			continue
		}
		if shift+7 < 64 && b&0x40 != 0 {
			v |= -1 << (shift + 7)
		}
		return v
	}
}

// signExtended reports whether the last byte of an integer has used bits and
// no continuation, and all further bits repeat the sign.
func signExtended(b byte, used int) bool {
	high := int8(b<<1) >> used // bit used-1 and all above, arithmetically
	return b < 0x80 && (high == 0 || high == -1)
}

// count reads the length of a vector whose items take at least one byte each.
func (r *reader) count() uint32 {
	start := r.pos
	n := r.u32()
	if uint64(n) > uint64(r.end-r.pos) {
		r.fail(start, "vector of %d items in %d bytes", n, r.end-r.pos)
		return 0
	}
	return n
}

func (r *reader) name() string { return string(r.bytes(r.u32())) }

// flag reads a byte that may be 0 or 1.
func (r *reader) flag(what string) bool {
	start := r.pos
	b := r.byte()
	if b > 1 {
		r.fail(start, "%s is 0x%02x, not 0 or 1", what, b)
	}
	return b == 1
}

func (r *reader) valueType() ValueType {
	start := r.pos
	t := ValueType(r.byte())
	if !t.valid() {
		r.fail(start, "unknown %v", t)
	}
	return t
}

// maxArity bounds the parameters, and the results, of a type; browsers have
// the same bound.
const maxArity = 1000

func (r *reader) valueTypes() []ValueType {
	start := r.pos
	n := r.count()
	if n > maxArity {
		r.fail(start, "more than %d parameters or results", maxArity)
		return nil
	}
	types := make([]ValueType, 0, n)
	for range n {
		types = append(types, r.valueType())
	}
	return types
}
