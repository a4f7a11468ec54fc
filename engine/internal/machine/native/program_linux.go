//go:build amd64 || arm64

package native

import (
	"fmt"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

const (
	memoryPage = 64 << 10
	maxMemory  = 2<<30 - memoryPage // of one process, as with wazero
)

// Program is a program's machine code with its host functions.
type Program struct {
	*code
	name    string
	calls   []func(p *kernel.Process, stack []uint64) // by import; nil is one that the code has itself
	yield   int                                       // the import that is the loop hook's, -1 for none
	poll    int                                       // the import in which an idle process waits, -1 for none
	limit   uint64                                    // of the memory
	stack   int                                       // slot of the stack pointer
	signals kernel.Ptr
}

// link finds the host functions of a program.
func (e *Engine) link(name string, c *code) (*Program, error) {
	p := &Program{code: c, name: name, yield: -1, poll: -1, limit: min(c.maxPages*memoryPage, maxMemory)}
	if m := e.cfg.MaxMemory; m != 0 {
		p.limit = min(p.limit, m)
	}
	var unknown []string
	for i, f := range c.imports {
		unknown = append(unknown, machine.Unknown(e.cfg.Imports, f.module, f.name, f.signature)...)
		p.calls = append(p.calls, e.cfg.Imports[f.module][f.name].Call)
		switch f.module + "." + f.name {
		case machine.YieldImport:
			p.yield = i
		case "pglite.poll":
			p.poll = i
		}
	}
	if err := machine.NotLinked(unknown); err != nil {
		return nil, err
	}
	slot, ok := c.variables[machine.StackExport]
	if !ok || c.minPages == 0 {
		return nil, fmt.Errorf("it has no memory or does not export %s: it is not of one of this runtime's programs", machine.StackExport)
	}
	p.stack, p.signals = slot, kernel.Ptr(c.constants[machine.SignalsExport])
	return p, nil
}

// New implements [kernel.Program].
func (p *Program) New(process *kernel.Process) (kernel.Instance, error) {
	i, err := p.instantiate(process)
	if err != nil {
		return nil, err
	}
	if init, ok := p.entries[machine.InitExport]; ok {
		if err := i.call(init); err != nil {
			_ = i.Close()
			return nil, &machine.TrapError{Program: p.name, Cause: err}
		}
	}
	return i, nil
}

// reach is how much address space a memory takes: whatever an index and an offset can name.
const reach = 4<<30 + ctranslate.Reach + memoryPage
