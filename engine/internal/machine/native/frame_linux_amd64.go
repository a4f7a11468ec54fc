package native

import "unsafe"

// firstFrame makes what resume of ctranslate's c/amd64.s takes from the stack: six registers, of which one is the base, and thunk's address. The
// stack is at a multiple of 16 then.
func (i *Instance) firstFrame() uintptr {
	const words = 7
	at := unsafe.Add(i.stack.low, stackSize-16-words*8)
	*(*[words]uintptr)(at) = [words]uintptr{4: uintptr(i.base), 6: i.program.at(i.program.thunk)}
	return uintptr(at)
}
