package machine

import (
	"context"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"
	"github.com/tetratelabs/wazero/sys"
)

// longjmp is what _emscripten_throw_longjmp unwinds with. wazero passes an ExitError through as it is.
var longjmp = sys.NewExitError(1)

func throwLongjmp(context.Context, api.Module, []uint64) { panic(longjmp) }

// callEngines keeps, for each index of the function table, functions that are not in use. Each owns a stack and must not be
// entered again while it runs, and making one costs an allocation of 10 KiB.
type callEngines map[uint32][]api.Function

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
	f := i.take(v, index)
	copy(stack, stack[1:])
	err := f.CallWithStack(ctx, stack)
	i.give(index, f)
	if err == nil {
		return
	}
	if err != error(longjmp) {
		panic(err)
	}
	i.stack.Set(sp)
	arguments := [2]uint64{1, 0}
	if err := i.threw.CallWithStack(ctx, arguments[:]); err != nil {
		panic(err)
	}
}

// maxIdle is how many functions an index keeps: after a deep recursion the rest goes, with the stacks that have grown.
const maxIdle = 8

func (i *Instance) give(index uint32, f api.Function) {
	if free := i.calls[index]; len(free) < maxIdle {
		i.calls[index] = append(free, f)
	}
}

func (i *Instance) take(v *invoke, index uint32) api.Function {
	if free := i.calls[index]; len(free) > 0 {
		f := free[len(free)-1]
		i.calls[index] = free[:len(free)-1]
		return f
	}
	if i.calls == nil {
		i.calls = callEngines{}
	}
	return table.LookupFunction(i.module, 0, index, v.params, v.results)
}
