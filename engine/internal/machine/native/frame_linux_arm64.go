package native

import "unsafe"

// firstFrame makes what resume of ctranslate's c/arm64.s takes from the stack: x19 is the base, the link register thunk's address.
func (i *Instance) firstFrame() uintptr {
	const words = 20
	at := unsafe.Add(i.stack.low, stackSize-16-words*8)
	*(*[words]uintptr)(at) = [words]uintptr{0: uintptr(i.base), 10: i.program.at(i.program.thunk)}
	return uintptr(at)
}
