//go:build amd64 || arm64

package native

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
)

// contextSize is how much memory the context takes, right below the linear memory.
const contextSize = 4096

// contextPage is what the code and Go share of an instance. The layout is that of ctranslate's c/runtime.h; the code does not know the last three
// fields, which the handler of faults writes (handler_linux_*.s).
type contextPage struct {
	goStack, codeStack uintptr
	call               int32
	trap               uint32
	goLink             uintptr
	jump               uintptr
	size               uint64
	entry              uintptr
	rounds             int32
	_                  int32
	args               [56]uint64
	globals            [440]uint64
	faultPC            uintptr
	faultAddress       uintptr
	_                  [6]uint64
}

// What the code asks of Go besides its imports.
const (
	callDone = -1
	callTrap = -2
	callGrow = -3
)

// Instance is a process's instance of a program.
type Instance struct {
	program *Program
	process *kernel.Process // nil in tests
	region  *memory.Region
	base    unsafe.Pointer
	ctx     *contextPage
	stack   stack
	pace    machine.Pace

	exited bool
	status kernel.Status
}

func (p *Program) instantiate(process *kernel.Process) (*Instance, error) {
	i := &Instance{program: p, process: process}
	if err := i.make(); err != nil {
		return nil, errors.Join(fmt.Errorf("instantiate %s: %w", p.name, err), i.Close())
	}
	return i, nil
}

// make gives the instance its memory and its stack. What there is after an error, Close gives back.
func (i *Instance) make() (err error) {
	if err := handlerInPlace(); err != nil {
		return err
	}
	p := i.program
	size := p.minPages * memoryPage
	if size > p.limit {
		return fmt.Errorf("it begins with %d MiB of memory, but Config.MaxMemory is %d bytes: allow it more", size>>20, p.limit)
	}
	if i.region, err = memory.ReserveGuarded(p.limit&^(memoryPage-1), memory.Guard{Before: memory.Granule, Reach: reach}); err != nil {
		return err
	}
	i.base = unsafe.Pointer(unsafe.SliceData(i.region.Bytes()))
	i.ctx = (*contextPage)(unsafe.Add(i.base, -contextSize))
	i.ctx.rounds = machine.MinRounds
	copy(i.ctx.globals[:], p.globals)
	if i.stack, err = newStack(i.base); err != nil {
		return err
	}
	return i.grow(size)
}

// grow makes the memory so large.
func (i *Instance) grow(size uint64) error {
	if err := i.region.Commit(size); err != nil {
		return err
	}
	i.ctx.size = size
	if i.process != nil {
		i.process.UseMemory(size)
	}
	return nil
}

// Memory implements kernel.Instance.
func (i *Instance) Memory() *memory.Region { return i.region }

// Signals implements kernel.Instance.
func (i *Instance) Signals() kernel.Ptr { return i.program.signals }

// Fork implements kernel.Instance.
func (i *Instance) Fork(child *kernel.Process) (kernel.Instance, error) {
	c, err := i.program.instantiate(child)
	if err != nil {
		return nil, err
	}
	if err := i.copyTo(c); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("fork %s: %w", i.program.name, err)
	}
	return c, nil
}

func (i *Instance) copyTo(c *Instance) error {
	if _, err := i.region.CopyTo(c.region, i.ctx.size); err != nil {
		return err
	}
	c.ctx.globals[i.program.stack] = i.ctx.globals[i.program.stack]
	return c.grow(i.ctx.size)
}

// Run implements kernel.Instance.
func (i *Instance) Run(forked bool) (kernel.Status, error) {
	name := machine.StartExport
	if forked {
		name = machine.ChildExport
	}
	e, ok := i.program.entries[name]
	if !ok {
		cause := errors.New("the program does not export " + name)
		return kernel.Signaled(kernel.SIGKILL), &machine.TrapError{Program: i.program.name, Cause: cause}
	}
	i.process.UseMemory(i.ctx.size)
	err := i.call(e)
	switch {
	case i.exited:
		return i.status, nil
	case err == nil:
		return kernel.Exited(0), nil
	}
	return kernel.Signaled(kernel.SIGSEGV), &machine.TrapError{Program: i.program.name, Cause: err}
}

// errExit is what Exit panics with.
var errExit = errors.New("exit")

// Exit implements kernel.Instance. It unwinds the host function that has called it; the code's stack is dropped.
func (i *Instance) Exit(status kernel.Status) {
	i.exited, i.status = true, status
	panic(errExit)
}

// Close implements kernel.Instance.
func (i *Instance) Close() (err error) {
	err = i.stack.free()
	i.stack = stack{}
	if i.region != nil {
		err = errors.Join(err, i.region.Free())
	}
	return err
}

// call runs an entry to its end, with its arguments in the context. The error tells of a trap or a panic of a host function.
func (i *Instance) call(e entry) (err error) {
	i.ctx.codeStack, i.ctx.entry, i.ctx.jump = i.firstFrame(), i.program.at(e.at), 0
	defer func() {
		switch r := recover(); r {
		case nil:
		case any(errExit):
			err = errExit
		default:
			trace := make([]byte, 16<<10)
			err = fmt.Errorf("%v (panic of a host function)\n%s", r, trace[:runtime.Stack(trace, false)])
		}
	}()
	for {
		enter(uintptr(i.base), i.program.at(i.program.resume))
		switch call := i.ctx.call; call {
		case callDone:
			return nil
		case callTrap:
			return i.trap()
		case callGrow:
			i.ctx.args[0] = i.growBy(i.ctx.args[0])
		default:
			i.host(int(call))
		}
	}
}

// host calls a host function.
func (i *Instance) host(call int) {
	switch p := i.program; call {
	case p.yield:
		i.ctx.rounds = int32(i.pace.Look(i.process))
	case p.poll:
		i.stack.shrink(i.ctx.codeStack)
		fallthrough
	default:
		p.calls[call](i.process, i.ctx.args[:])
	}
}

// growBy implements memory.grow.
func (i *Instance) growBy(pages uint64) uint64 {
	old := i.ctx.size
	if more := pages * memoryPage; more > i.program.limit-old || more > 0 && i.grow(old+more) != nil {
		return 0xffffffff
	}
	return old / memoryPage
}

// trap says why the code has trapped.
func (i *Instance) trap() error {
	c := i.ctx
	if c.trap != trapFault {
		return errors.New(trapNames[c.trap])
	}
	what := trapNames[trapFault]
	if i.stack.holds(c.faultAddress) {
		what = "stack overflow"
	}
	return fmt.Errorf("%s (code at %#x, address %#x of %#x bytes)", what, c.faultPC-uintptr(i.program.base), c.faultAddress-uintptr(i.base), c.size)
}
