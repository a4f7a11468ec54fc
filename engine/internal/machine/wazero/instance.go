package wazero

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
)

// Instance is a process's instance of a program. It is the context of all calls into the guest, so that host
// functions find it without a lookup.
type Instance struct {
	context.Context
	program *Program
	process *kernel.Process // nil in Program.marked
	module  api.Module
	region  *memory.Region
	size    uint64 // bytes of linear memory in use
	limit   uint64
	refused error // why there was no memory to begin with
	stack   api.MutableGlobal
	signals kernel.Ptr
	threw   api.Function // setThrew
	calls   callEngines
	pace    machine.Pace
	rounds  api.MutableGlobal // to the next look at the host; nil in a program without the hook

	exit   *sys.ExitError // what Exit panics with
	exited bool
	status kernel.Status
}

func (p *Program) instantiate(process *kernel.Process) (_ *Instance, err error) {
	i := &Instance{Context: context.Background(), program: p, process: process, exit: sys.NewExitError(0)}
	made := false
	defer func() {
		if made {
			return
		}
		_ = i.Close()
		if i.refused != nil { // then wazero panics: it does not know that an allocator may
			_ = recover()
			err = fmt.Errorf("instantiate %s: %w", p.name, i.refused)
		}
	}()
	ctx := experimental.WithMemoryAllocator(context.Background(), experimental.MemoryAllocatorFunc(i.allocate))
	if i.module, err = p.code.rt.InstantiateModule(ctx, p.code.module, p.config); err != nil {
		return nil, fmt.Errorf("instantiate %s: %w", p.name, err)
	}
	i.threw = i.module.ExportedFunction(machine.ThrewExport)
	if g := i.module.ExportedGlobal(machine.SignalsExport); g != nil {
		i.signals = kernel.Ptr(g.Get())
	}
	i.stack, _ = i.module.ExportedGlobal(machine.StackExport).(api.MutableGlobal)
	i.rounds, _ = i.module.ExportedGlobal(machine.RoundsExport).(api.MutableGlobal)
	if i.region == nil || i.stack == nil {
		return nil, fmt.Errorf("instantiate %s: the module has no memory or does not export %s: it is not one of this "+
			"runtime's", p.name, machine.StackExport)
	}
	made = true
	return i, nil
}

// allocate implements wazero's memory allocator: all that the process may have is reserved at once, growing never
// copies.
func (i *Instance) allocate(initial, maximum uint64) experimental.LinearMemory {
	i.limit = min(maximum, maxPages*memoryPage-memoryPage)
	switch m := i.program.e.cfg.MaxMemory; {
	case i.process == nil: // nothing of the program runs
		i.limit = initial
	case m != 0:
		i.limit = min(i.limit, m)
	}
	reserve := (i.limit + memory.Granule - 1) / memory.Granule * memory.Granule
	if i.region, i.refused = memory.Reserve(reserve); i.refused != nil {
		i.limit = 0
	}
	return (*linearMemory)(i)
}

const memoryPage = 65536

// linearMemory is an Instance as wazero's linear memory.
type linearMemory Instance

// Reallocate implements experimental.LinearMemory; nil makes memory.grow fail, which is "out of memory" to the guest.
func (l *linearMemory) Reallocate(size uint64) []byte {
	if err := l.commit(size); err != nil {
		if l.module == nil && l.refused == nil {
			l.refused = err
		}
		return nil
	}
	l.size = size
	if l.process != nil {
		l.process.UseMemory(size)
	}
	b := l.region.Bytes()
	return b[:size:len(b)]
}

func (l *linearMemory) commit(size uint64) error {
	if size > l.limit {
		return fmt.Errorf("it begins with %d MiB of memory, but Config.MaxMemory is %d bytes: allow it more", size>>20,
			l.limit)
	}
	return l.region.Commit(size)
}

// Free implements experimental.LinearMemory; Instance.Close frees the region.
func (l *linearMemory) Free() {}

// Memory implements kernel.Instance.
func (i *Instance) Memory() *memory.Region { return i.region }

// Signals implements kernel.Instance.
func (i *Instance) Signals() kernel.Ptr { return i.signals }

// Fork implements kernel.Instance.
func (i *Instance) Fork(child *kernel.Process) (kernel.Instance, error) {
	c, err := i.program.instantiate(child)
	if err != nil {
		return nil, err
	}
	if more := int64(i.size) - int64(c.size); more > 0 {
		if _, ok := c.module.Memory().Grow(uint32(more / memoryPage)); !ok {
			_ = c.Close()
			return nil, fmt.Errorf("fork %s: no memory", i.program.name)
		}
	}
	if _, err := i.region.CopyTo(c.region, i.size); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("fork %s: %w", i.program.name, err)
	}
	c.stack.Set(i.stack.Get())
	return c, nil
}

// Run implements kernel.Instance.
func (i *Instance) Run(forked bool) (kernel.Status, error) {
	name := machine.StartExport
	if forked {
		name = machine.ChildExport
	}
	f := i.module.ExportedFunction(name)
	if f == nil {
		return kernel.Signaled(kernel.SIGKILL), &machine.TrapError{
			Program: i.program.name,
			Cause:   errors.New("the module does not export " + name),
		}
	}
	i.process.UseMemory(i.size)
	err := f.CallWithStack(i, nil)
	switch {
	case i.exited:
		return i.status, nil
	case err == nil:
		return kernel.Exited(0), nil
	}
	return kernel.Signaled(kernel.SIGSEGV), &machine.TrapError{Program: i.program.name, Cause: err}
}

// Exit implements kernel.Instance. It unwinds the guest's code and does not return.
func (i *Instance) Exit(status kernel.Status) {
	i.exited, i.status = true, status
	panic(i.exit)
}

// Close implements kernel.Instance.
func (i *Instance) Close() error {
	i.calls = callEngines{}
	if i.module != nil {
		_ = i.module.Close(context.Background())
	}
	if i.region == nil {
		return nil
	}
	return i.region.Free()
}
