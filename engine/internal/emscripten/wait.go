package emscripten

import "time"

// waitCalls are what a process waits in.
var waitCalls = calls{
	"wait": blocking("iii:i", func(c call) (int32, error) {
		pid, status, err := c.Wait4(c.i32(0), c.i32(2))
		if err == nil && pid != 0 {
			c.put32If(c.ptr(1), uint32(status))
		}
		return pid, err
	}),
	"sleep": blocking("ji:i", func(c call) (int32, error) {
		left, err := c.Sleep(time.Duration(c.i64(0)))
		c.put64(c.ptr(1), uint64(left))
		return 0, err
	}),
	"futex_wait": blocking("iij:i", func(c call) (int32, error) {
		return 0, c.FutexWait(c.ptr(0), c.i32(1), time.Duration(c.i64(2)))
	}),
	"futex_wake": result("ii:i", func(c call) (int32, error) { return int32(c.FutexWake(c.ptr(0), int(c.i32(1)))), nil }),
	"poll": blocking("iii:i", func(c call) (int32, error) {
		var fds []byte
		if n := c.u32(1); n > 0 {
			fds = c.bytes(c.ptr(0), 8*n)
		}
		timeout := time.Duration(c.i32(2)) * time.Millisecond
		n, err := c.Poll(fds, timeout)
		return int32(n), err
	}),
}
