package emscripten

import (
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// processCalls are identity, life and death, and the clocks.
var processCalls = calls{
	"fork":    result(":i", func(c call) (int32, error) { return c.Fork() }),
	"spawn":   result("iiiii:i", func(c call) (int32, error) { return c.Spawn(c.name(0), c.stringList(4), c.i32(1), c.i32(2), c.i32(3)) }),
	"kill":    status("ii:i", func(c call) error { return c.Kill(c.i32(0), kernel.Signal(c.i32(1))) }),
	"getpid":  result(":i", func(c call) (int32, error) { return c.PID(), nil }),
	"getppid": result(":i", func(c call) (int32, error) { return c.Getppid(), nil }),
	"setsid":  result(":i", func(c call) (int32, error) { return c.Setsid(), nil }),
	"exit":    nothing("i:", func(c call) { c.Exit(kernel.Exited(c.i32(0))) }),
	"die":     nothing("i:", func(c call) { c.Die(kernel.Signal(c.i32(0))) }),

	"args_sizes":    nothing("ii:", func(c call) { c.sizes(c.Args(), c.ptr(0), c.ptr(1)) }),
	"args":          nothing("ii:", func(c call) { c.strings(c.Args(), c.ptr(0), c.ptr(1)) }),
	"environ_sizes": nothing("ii:", func(c call) { c.sizes(c.Env(), c.ptr(0), c.ptr(1)) }),
	"environ":       nothing("ii:", func(c call) { c.strings(c.Env(), c.ptr(0), c.ptr(1)) }),

	"clock": nothing("i:j", func(c call) { c.stack[0] = uint64(c.Kernel().Clock(c.i32(0))) }),
	"setitimer": status("jjii:i", func(c call) error {
		first, interval := c.SetTimer(time.Duration(c.i64(0)), time.Duration(c.i64(1)))
		c.put64(c.ptr(2), uint64(first))
		c.put64(c.ptr(3), uint64(interval))
		return nil
	}),
}
