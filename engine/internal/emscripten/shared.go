package emscripten

// memoryCalls are shared mappings and System V shared memory.
var memoryCalls = calls{
	"map_shared": status("iiij:i", func(c call) error {
		return c.MapShared(c.ptr(0), uint64(c.u32(1)), c.i32(2), c.i64(3))
	}),
	"unmap":  status("ii:i", func(c call) error { return c.Unmap(c.ptr(0), uint64(c.u32(1))) }),
	"shmget": result("iii:i", func(c call) (int32, error) { return c.Shmget(c.i32(0), uint64(c.u32(1)), c.i32(2)) }),
	"shmsize": result("i:i", func(c call) (int32, error) {
		size, err := c.Shmsize(c.i32(0))
		return int32(size), err
	}),
	"shmat": status("ii:i", func(c call) error { return c.Shmat(c.i32(0), c.ptr(1)) }),
	"shmdt": status("i:i", func(c call) error { return c.Shmdt(c.ptr(0)) }),
	"shmctl": status("iiii:i", func(c call) error {
		attached, size, err := c.Shmctl(c.i32(0), c.i32(1))
		if err == nil {
			c.put32If(c.ptr(2), uint32(attached))
			c.put64If(c.ptr(3), size)
		}
		return err
	}),
}
