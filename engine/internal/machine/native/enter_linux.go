//go:build amd64 || arm64

package native

// enter switches to the stack of an instance's code, by the code's own routine, and returns when that asks for something.
//
//go:noescape
func enter(base, resume uintptr)
