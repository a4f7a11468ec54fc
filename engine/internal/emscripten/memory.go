package emscripten

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// maxCString limits what is searched for the end of a string: PATH_MAX and a command line are far shorter.
const maxCString = 1 << 20

// bytes returns n bytes of the guest's memory. A range outside it is a bug of the guest or hostile; it ends the process
// like a trap.
func (c call) bytes(at ptr, n uint32) []byte {
	mem := c.Memory()
	end := uint64(at) + uint64(n)
	if end > uint64(len(mem)) {
		panic(fmt.Errorf("host call with an address out of range: %#x bytes at %#x", n, at))
	}
	return mem[at:end:end]
}

func (c call) cstring(at ptr) string {
	mem := c.Memory()
	if uint64(at) >= uint64(len(mem)) {
		panic(fmt.Errorf("host call with an address out of range: %#x", at))
	}
	b := mem[at:min(uint64(at)+maxCString, uint64(len(mem)))]
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		panic(fmt.Errorf("host call with a string without an end at %#x", at))
	}
	return string(b[:end])
}

func (c call) get32(at ptr) uint32    { return binary.LittleEndian.Uint32(c.bytes(at, 4)) }
func (c call) put32(at ptr, v uint32) { binary.LittleEndian.PutUint32(c.bytes(at, 4), v) }
func (c call) put64(at ptr, v uint64) { binary.LittleEndian.PutUint64(c.bytes(at, 8), v) }

// put32If and put64If write through a pointer that may be NULL.
func (c call) put32If(at ptr, v uint32) {
	if at != 0 {
		c.put32(at, v)
	}
}

func (c call) put64If(at ptr, v uint64) {
	if at != 0 {
		c.put64(at, v)
	}
}

// vararg returns the n-th of the variable arguments, which the guest passes in memory.
func (c call) vararg(list ptr, n uint32) uint32 { return c.get32(list + ptr(4*n)) }

// strings writes a list of strings: pointers at list, the bytes at text.
func (c call) strings(all []string, list, text ptr) {
	for _, s := range all {
		c.put32(list, uint32(text))
		list += 4
		copy(c.bytes(text, uint32(len(s))), s)
		c.bytes(text+ptr(len(s)), 1)[0] = 0
		text += ptr(len(s)) + 1
	}
}

// maxStrings and maxListBytes limit a list of strings: a guest's bug may leave out its end, and all pointers may lead
// to one long string. The latter is Linux's ARG_MAX (execve(2)) for a stack of 8 MB.
const (
	maxStrings   = 1 << 16
	maxListBytes = 2 << 20
)

// stringList reads a list of strings that NULL ends; a NULL list is an empty one.
func (c call) stringList(n int) (all []string) {
	list, size := c.ptr(n), 0
	for list != 0 {
		at := ptr(c.get32(list))
		if at == 0 {
			break
		}
		if len(all) == maxStrings {
			panic(fmt.Errorf("host call with a list without an end at %#x", c.ptr(n)))
		}
		s := c.cstring(at)
		if size += len(s) + 1; size > maxListBytes {
			panic(fmt.Errorf("host call with a list of more than %d bytes at %#x", maxListBytes, c.ptr(n)))
		}
		all = append(all, s)
		list += 4
	}
	return all
}

func (c call) sizes(all []string, count, size ptr) {
	n := 0
	for _, s := range all {
		n += len(s) + 1
	}
	c.put32(count, uint32(len(all)))
	c.put32(size, uint32(n))
}
