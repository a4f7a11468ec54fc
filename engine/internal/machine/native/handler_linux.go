//go:build amd64 || arm64

package native

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// faultRange is the address range of code, and where its faults go on.
type faultRange struct{ start, end, fault uintptr }

// maxRanges bounds the programs of all runtimes that one Go program uses at a time.
const maxRanges = 256

// What trapHandler reads, in a signal handler. A range is complete before it is counted, and nothing is ever taken back.
var (
	faultRanges     [maxRanges]faultRange
	faultRangeCount atomic.Uintptr
	nextHandlers    [32]uintptr // by signal: Go's
)

// trapHandler is the handler of synchronous signals: a fault of code in one of the ranges goes on at its fault routine, every other one at
// the next handler. Not to be called from Go.
func trapHandler() //nolint:unused // the assembler takes its address

// trapHandlerAddress returns trapHandler's address.
func trapHandlerAddress() uintptr

// action is the kernel's struct sigaction.
type action struct{ handler, flags, restorer, mask uint64 }

func sigaction(signal syscall.Signal, set, old *action) error {
	_, _, errno := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(signal), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	if errno != 0 {
		return fmt.Errorf("sigaction of %v: %w", signal, errno)
	}
	return nil
}

// synchronous are the signals that an instruction can raise.
var synchronous = []syscall.Signal{syscall.SIGILL, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV}

// handlers guards the ranges and the handlers.
var handlers struct {
	sync.Mutex
	installed bool
}

// catchFaults makes faults of the code from start to end go on at fault.
func catchFaults(start, end, fault uintptr) error {
	handlers.Lock()
	defer handlers.Unlock()
	if !handlers.installed {
		if err := installHandlers(); err != nil {
			return err
		}
		handlers.installed = true
	}
	n := faultRangeCount.Load()
	if n == maxRanges {
		return errors.New("too much machine code is loaded already")
	}
	faultRanges[n] = faultRange{start, end, fault}
	faultRangeCount.Store(n + 1)
	return nil
}

// installHandlers puts trapHandler before the handlers that are there, with their flags: Go's run on the alternate stack.
func installHandlers() error {
	var old [len(nextHandlers)]action
	for _, signal := range synchronous {
		if err := sigaction(signal, nil, &old[signal]); err != nil {
			return err
		}
		const ignore, wanted = 1, 0x4 | 0x08000000 // SIG_IGN; SA_SIGINFO, SA_ONSTACK
		if old[signal].handler <= ignore || old[signal].flags&wanted != wanted {
			return fmt.Errorf("Go does not handle %v in this program", signal)
		}
		nextHandlers[signal] = uintptr(old[signal].handler)
	}
	for _, signal := range synchronous {
		set := old[signal]
		set.handler = uint64(trapHandlerAddress())
		if err := sigaction(signal, &set, nil); err != nil {
			return err
		}
	}
	return nil
}

// handlerInPlace is an error when somebody has replaced the handler: then a trap would end the whole program.
func handlerInPlace() error {
	var now action
	if err := sigaction(syscall.SIGSEGV, nil, &now); err != nil {
		return err
	}
	if uintptr(now.handler) != trapHandlerAddress() {
		return errors.New("the handler of SIGSEGV was replaced after machine code was loaded: set PGLITE_ENGINE=wazero for this program")
	}
	return nil
}
