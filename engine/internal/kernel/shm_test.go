package kernel

import (
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

const shmCreate = vfs.O_RDWR | vfs.O_CREAT | vfs.O_EXCL

func TestPOSIXSharedMemory(t *testing.T) {
	b := newBox(t)
	b.run(func(g *guest) {
		_, err := g.Openat(AtCwd, "/dev/shm/s", vfs.O_RDWR, 0)
		g.want(err, errno.ENOENT)
		_, err = g.Openat(AtCwd, "/dev/shm/a/b", shmCreate, 0)
		g.want(err, errno.EINVAL)
		_, err = g.Openat(AtCwd, "/dev/shm/", shmCreate, 0)
		g.want(err, errno.EINVAL)
		fd := g.openFile("/dev/shm/s", shmCreate)
		_, err = g.Openat(AtCwd, "/dev/shm/s", shmCreate, 0)
		g.want(err, errno.EEXIST)

		g.ok(g.Truncate(fd, 100_000))
		g.want(g.Truncate(fd, -1), errno.EINVAL)
		g.want(g.Truncate(fd, 1<<50), errno.ENOMEM)
		st, err := g.Fstat(fd)
		g.is(err == nil && st.Size >= 100_000 && st.Mode&vfs.S_IFMT == vfs.S_IFREG, "size %d %v", st.Size, err)
		g.ok(g.Allocate(fd, 100_000, 100_000))
		st, _ = g.Fstat(fd)
		g.is(st.Size >= 200_000, "size %d", st.Size)
		g.want(g.Allocate(fd, 1<<62, 1<<62), errno.EFBIG)
		g.want(g.Allocate(fd, -1, 1), errno.EINVAL)
		g.want(g.Allocate(fd, 0, 0), errno.EINVAL)

		g.ok(g.MapShared(testShared, 3*memory.Granule, fd, 0))
		g.word(testShared + 2*memory.Granule).Store(42)
		again := g.openFile("/dev/shm/s", vfs.O_RDWR)
		g.close(fd)
		g.ok(g.Unlink(AtCwd, "/dev/shm/s", 0))
		g.want(g.Unlink(AtCwd, "/dev/shm/s", 0), errno.ENOENT)
		_, err = g.Openat(AtCwd, "/dev/shm/s", vfs.O_RDWR, 0)
		g.want(err, errno.ENOENT)
		g.ok(g.MapShared(testShared+4*memory.Granule, memory.Granule, again, 2*memory.Granule)) // descriptors and mappings keep it
		g.close(again)
		g.is(g.word(testShared+4*memory.Granule).Load() == 42, "another memory")

		g.ok(g.Unmap(testShared, 3*memory.Granule))
		g.is(g.word(testShared+2*memory.Granule).Load() == 0, "unmapped memory is not zero")
		g.is(g.word(testShared+4*memory.Granule).Load() == 42, "the other mapping is gone")
	})
}

func TestMapErrors(t *testing.T) {
	newBox(t).run(func(g *guest) {
		fd := g.openFile("/dev/shm/s", shmCreate)
		file := g.openFile("/data/f", shmCreate)
		for _, c := range []struct {
			addr   Ptr
			length uint64
			fd     int32
			offset int64
			want   errno.Errno
		}{
			{testShared + 4, memory.Granule, fd, 0, errno.EINVAL},
			{testShared, 0, fd, 0, errno.EINVAL},
			{testMemory, memory.Granule, fd, 0, errno.EINVAL},
			{testShared, testMemory, fd, 0, errno.EINVAL},
			{testShared, 1 << 40, -1, 0, errno.EINVAL},
			{testShared, memory.Granule, fd, 5, errno.EINVAL},
			{testShared, memory.Granule, fd, -memory.Granule, errno.EINVAL},
			{testShared, memory.Granule, fd, 1<<63 - memory.Granule, errno.EINVAL},
			{testShared, memory.Granule, fd, 1 << 50, errno.ENOMEM},
			{testShared, memory.Granule, file, 0, errno.ENODEV},
			{testShared, memory.Granule, 99, 0, errno.EBADF},
			{testShared, 1, fd, memory.Granule, 0},
		} {
			g.want(g.MapShared(c.addr, c.length, c.fd, c.offset), c.want)
		}
		g.want(g.Unmap(testShared+1, 1), errno.EINVAL)
		g.want(g.Unmap(testMemory, 1), errno.EINVAL)
	})
}

func TestSharedMappingsAndFork(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ok(g.MapShared(testShared, 1, -1, 0))
		g.word(testShared).Store(1)
		g.word(testData).Store(1)
		child := g.fork(func(c *guest) {
			grandchild := c.fork(func(o *guest) { o.word(testShared).Add(1) })
			c.reap(grandchild, Exited(0))
			c.is(c.word(testShared).Load() == 2, "not shared with the grandchild")
			c.word(testData).Store(9)
			c.ok(c.Unmap(testShared, 1)) // the parent's mapping stays
		})
		g.reap(child, Exited(0))
		g.is(g.word(testShared).Load() == 2 && g.word(testData).Load() == 1, "shared %d, private %d", g.word(testShared).Load(), g.word(testData).Load())
	})
}

// TestGrowTogether: processes that make one object larger at the same time.
func TestGrowTogether(t *testing.T) {
	newBox(t).run(func(g *guest) {
		fd := g.openFile("/dev/shm/s", shmCreate)
		for i := range 4 {
			g.fork(func(c *guest) {
				for n := range int64(60) {
					c.ok(c.Truncate(fd, (n*4+int64(i))*memory.Granule/4))
				}
			})
		}
		for range 4 {
			g.reap(-1, Exited(0))
		}
	})
}

func TestSystemVSharedMemory(t *testing.T) {
	b := newBox(t)
	b.run(func(g *guest) {
		const key, size = 0x1234, 70_000
		_, err := g.Shmget(key, size, 0)
		g.want(err, errno.ENOENT)
		_, err = g.Shmget(key, 0, ipcCreat)
		g.want(err, errno.EINVAL)
		id, err := g.Shmget(key, size, ipcCreat|ipcExcl)
		g.ok(err)
		_, err = g.Shmget(key, size, ipcCreat|ipcExcl)
		g.want(err, errno.EEXIST)
		_, err = g.Shmget(key, size+1, ipcCreat)
		g.want(err, errno.EINVAL)
		same, err := g.Shmget(key, 1, 0)
		g.is(err == nil && same == id, "found %d %v, want %d", same, err, id)
		one, err := g.Shmget(0, 1, ipcCreat) // IPC_PRIVATE: a new one each time
		g.ok(err)
		two, err := g.Shmget(0, 1, ipcCreat)
		g.is(err == nil && one != two && one != id, "private segments %d %d", one, two)
		n, err := g.Shmsize(id)
		g.is(err == nil && n == size, "size %d %v", n, err)

		g.want(g.Shmat(id+100, testShared), errno.EINVAL)
		g.want(g.Shmat(id, testShared+1), errno.EINVAL)
		g.want(g.Shmat(id, testMemory-memory.Granule), errno.EINVAL)
		g.want(g.Shmdt(testShared), errno.EINVAL)
		g.attached(id, 0)
		g.ok(g.Shmat(id, testShared))
		g.ok(g.Shmat(id, testShared+4*memory.Granule))
		g.attached(id, 2)
		g.word(testShared + 65_536).Store(3)
		g.is(g.word(testShared+5*memory.Granule).Load() == 3, "two attachments are two memories")
		g.ok(g.Shmdt(testShared))
		g.want(g.Shmdt(testShared), errno.EINVAL)
		g.is(g.word(testShared+65_536).Load() == 0, "detached memory is not zero")
		g.attached(id, 1)

		done := make(chan struct{})
		child := g.fork(func(c *guest) {
			c.attached(id, 2) // inherited
			c.word(testShared + 5*memory.Granule).Add(1)
			close(done)
			c.forever()
		})
		<-done
		_, _, err = g.Shmctl(id, ipcRmid)
		g.ok(err)
		_, err = g.Shmget(key, 1, 0) // the key is free, the segment lives
		g.want(err, errno.ENOENT)
		g.attached(id, 2)
		again, err := g.Shmget(key, 1, ipcCreat|ipcExcl)
		g.is(err == nil && again != id, "new segment %d %v", again, err)
		g.ok(g.Shmdt(testShared + 4*memory.Granule))
		g.attached(id, 1)
		g.ok(g.Kill(child, SIGKILL))
		g.reap(child, Signaled(SIGKILL))
		_, _, err = g.Shmctl(id, ipcStat) // with its last process it is gone
		g.want(err, errno.EINVAL)
		_, _, err = g.Shmctl(again, 99)
		g.want(err, errno.EINVAL)
	})
}

func (g *guest) attached(id int32, want int) {
	g.t.Helper()
	n, _, err := g.Shmctl(id, ipcStat)
	g.is(err == nil && n == want, "%d attachments of segment %d, want %d: %v", n, id, want, err)
}

// TestSharedObjectsAreReleased: what nobody has open, mapped or by name is given back.
func TestSharedObjectsAreReleased(t *testing.T) {
	b := newBox(t)
	var object *memory.Object
	b.run(func(g *guest) {
		fd := g.openFile("/dev/shm/s", shmCreate)
		d, _ := g.fds.get(fd)
		object = d.object.(*shmFile).object
		g.ok(g.MapShared(testShared, 1, fd, 0))
		child := g.fork(func(c *guest) { c.forever() })
		g.ok(g.Unlink(AtCwd, "/dev/shm/s", 0))
		g.close(fd)
		g.ok(g.Kill(child, SIGKILL))
		g.reap(child, Signaled(SIGKILL))
	})
	defer func() {
		if recover() == nil {
			t.Error("the object is still there")
		}
	}()
	object.Retain() // panics for an object without references
}

func TestForkWhileSegmentsComeAndGo(t *testing.T) {
	newBox(t).run(func(g *guest) {
		stop := time.Now().Add(50 * time.Millisecond)
		child := g.fork(func(c *guest) {
			for time.Now().Before(stop) {
				id, err := c.Shmget(0, 1, ipcCreat)
				c.ok(err)
				c.ok(c.Shmat(id, testShared))
				_, _, err = c.Shmctl(id, ipcRmid)
				c.ok(err)
				c.ok(c.Shmdt(testShared))
			}
		})
		for time.Now().Before(stop) {
			g.reap(g.fork(func(*guest) {}), Exited(0))
		}
		g.reap(child, Exited(0))
		g.k.shm.mu.Lock()
		defer g.k.shm.mu.Unlock()
		g.is(len(g.k.shm.segments) == 0, "%d segments are left", len(g.k.shm.segments))
	})
}
