package wazero

import (
	"context"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"
	"github.com/tetratelabs/wazero/sys"
)

// longjmp is what _emscripten_throw_longjmp unwinds with. wazero passes an ExitError through as it is.
var longjmp = sys.NewExitError(1)

func throwLongjmp(context.Context, api.Module, []uint64) { panic(longjmp) }

// callEngines keeps functions of the function table that are not in use, by index. Each owns a stack and must not be
// entered again while it runs, and making one costs an allocation of 10 KiB.
type callEngines struct {
	near  [64]*idle // of the index that was last called among those with the same low bits: most calls find theirs here
	all   map[uint32]*idle
	calls int // since all were thrown away
}

// idle are the functions of one index.
type idle struct {
	index uint32
	free  []api.Function
}

// invoke is one of Emscripten's invoke_ functions: it calls a function of the table and catches a longjmp out of it.
type invoke struct {
	params, results []api.ValueType
}

func newInvoke(f api.FunctionDefinition) *invoke {
	return &invoke{params: f.ParamTypes()[1:], results: f.ResultTypes()}
}

// Call implements api.GoModuleFunction. The first word of the stack is the table index, the arguments follow.
func (v *invoke) Call(ctx context.Context, _ api.Module, stack []uint64) {
	i := ctx.(*Instance)
	index := uint32(stack[0])
	sp := i.stack.Get()
	functions := i.calls.of(index)
	f := functions.take()
	if f == nil {
		f = table.LookupFunction(i.module, 0, index, v.params, v.results)
	}
	copy(stack, stack[1:])
	err := f.CallWithStack(ctx, stack)
	if err == nil {
		functions.give(f)
		return
	}
	if err != error(longjmp) {
		panic(err)
	}
	if sp-i.stack.Get() < deep {
		functions.give(f)
	}
	i.stack.Set(sp)
	arguments := [2]uint64{1, 0}
	if err := i.threw.CallWithStack(ctx, arguments[:]); err != nil {
		panic(err)
	}
}

// A function keeps the stack that it has grown, up to wazero's limit of 50 MB. That must not stay with a session for
// ever, so:
const (
	maxIdle = 8 // is how many functions an index keeps: after a deep recursion the rest goes
	// deep is how many bytes of the guest's stack a longjmp has to leave for its function to go: that has grown then,
	// as after "stack depth limit exceeded".
	deep       = 1 << 16
	renewCalls = 1 << 16 // calls after which all go: making them again costs nothing that can be seen among so many
)

func (d *idle) give(f api.Function) {
	if len(d.free) < maxIdle {
		d.free = append(d.free, f)
	}
}

func (d *idle) take() api.Function {
	last := len(d.free) - 1
	if last < 0 {
		return nil
	}
	f := d.free[last]
	d.free = d.free[:last]
	return f
}

// of returns the functions of an index. Those that are given to it after a renewal are gone with it.
func (c *callEngines) of(index uint32) *idle {
	if c.calls++; c.calls > renewCalls {
		*c = callEngines{}
	}
	near := &c.near[index%uint32(len(c.near))]
	if d := *near; d != nil && d.index == index {
		return d
	}
	d := c.all[index]
	if d == nil {
		d = &idle{index: index}
		if c.all == nil {
			c.all = map[uint32]*idle{}
		}
		c.all[index] = d
	}
	*near = d
	return d
}
