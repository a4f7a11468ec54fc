package kernel

import (
	"sort"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

func TestBadDescriptors(t *testing.T) {
	newBox(t).run(func(g *guest) {
		for _, fd := range []int32{-1, 3, 1023, 1024, 1 << 30, -1 << 31} {
			_, err := g.Read(fd, nil)
			g.want(err, errno.EBADF)
			_, err = g.Write(fd, nil)
			g.want(err, errno.EBADF)
			_, err = g.Dup(fd)
			g.want(err, errno.EBADF)
			_, err = g.Dup3(fd, 5, 0)
			g.want(err, errno.EBADF)
			_, err = g.Fcntl(fd, fGetFD, 0)
			g.want(err, errno.EBADF)
			_, err = g.Fstat(fd)
			g.want(err, errno.EBADF)
			g.want(g.Close(fd), errno.EBADF)
			g.want(g.Truncate(fd, 0), errno.EBADF)
			g.want(g.Allocate(fd, 0, 1), errno.EBADF)
			g.want(g.Sync(fd), errno.EBADF)
		}
		fd := g.openFile("/data/f", shmCreate)
		g.close(fd)
		g.want(g.Close(fd), errno.EBADF)
	})
}

func TestDescriptorNumbers(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		g.is(r == 3 && w == 4, "descriptors %d %d", r, w)
		fd, err := g.Dup(r)
		g.is(fd == 5 && err == nil, "dup %d %v", fd, err)
		g.close(3)
		fd, err = g.Dup(w) // the lowest free one
		g.is(fd == 3 && err == nil, "dup %d %v", fd, err)
		fd, err = g.Fcntl(w, fDupFD, 4)
		g.is(fd == 6 && err == nil, "F_DUPFD %d %v", fd, err)
		fd, err = g.Fcntl(w, fDupFDCloexec, 100)
		g.is(fd == 100 && err == nil, "F_DUPFD_CLOEXEC %d %v", fd, err)
		for _, low := range []int32{-1, maxDescriptors} {
			_, err = g.Fcntl(w, fDupFD, low)
			g.want(err, errno.EINVAL)
		}
		fd, err = g.Dup3(w, 50, int32(vfs.O_CLOEXEC))
		g.is(fd == 50 && err == nil, "dup3 %d %v", fd, err)
		fd, err = g.Dup3(w, w, 0)
		g.is(fd == w && err == nil, "dup2 of itself: %d %v", fd, err)
		for _, to := range []int32{-1, maxDescriptors} {
			_, err = g.Dup3(w, to, 0)
			g.want(err, errno.EBADF)
		}
		fd, err = g.Dup3(w, maxDescriptors-1, 0)
		g.is(fd == maxDescriptors-1 && err == nil, "dup3 %d %v", fd, err)

		for fd, want := range map[int32]int32{w: 0, 50: fdCloexec, 100: fdCloexec, 3: 0} {
			got, err := g.Fcntl(fd, fGetFD, 0)
			g.is(err == nil && got == want, "F_GETFD of %d: %d %v, want %d", fd, got, err, want)
		}
		_, err = g.Fcntl(w, fSetFD, fdCloexec|2)
		g.ok(err)
		got, _ := g.Fcntl(w, fGetFD, 0)
		g.is(got == fdCloexec, "F_GETFD %d", got)
		got, _ = g.Fcntl(3, fGetFD, 0)
		g.is(got == 0, "the flag is of the descriptor, not of what it shares: %d", got)
		_, err = g.Fcntl(w, 999, 0)
		g.want(err, errno.EINVAL)
	})
}

// TestDup3ReplacesAndCloses: what was there is closed, what both mean is shared.
func TestDup3ReplacesAndCloses(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		other, _ := g.pipe(0)
		_, err := g.Dup3(other, w, 0)
		g.ok(err)
		g.expect(r, "") // its only writer was closed
	})
}

func TestTooManyDescriptors(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		count := 5
		for {
			_, err := g.Dup(w)
			if err != nil {
				g.want(err, errno.EMFILE)
				break
			}
			count++
		}
		g.is(count == maxDescriptors, "%d descriptors", count)
		_, _, err := g.Pipe(0)
		g.want(err, errno.EMFILE)
		_, _, err = g.Socketpair(sockStream)
		g.want(err, errno.EMFILE)
		_, err = g.Socket(AFUnix, sockStream)
		g.want(err, errno.EMFILE)
		_, err = g.Openat(AtCwd, "/data", vfs.O_RDONLY, 0)
		g.want(err, errno.EMFILE)
		g.close(10)
		_, _, err = g.Pipe(0) // one number is not enough, and the first end goes again
		g.want(err, errno.EMFILE)
		_, _, err = g.Socketpair(sockStream)
		g.want(err, errno.EMFILE)
		fd, err := g.Dup(w)
		g.is(fd == 10 && err == nil, "dup %d %v", fd, err)
		for fd := w; fd < maxDescriptors; fd++ { // all of them are one description
			g.close(fd)
		}
		g.expect(r, "")
	})
}

func TestStatusFlags(t *testing.T) {
	newBox(t).run(func(g *guest) {
		fd := g.openFile("/data/f", vfs.O_RDWR|vfs.O_CREAT|vfs.O_EXCL|vfs.O_TRUNC|vfs.O_CLOEXEC)
		got, err := g.Fcntl(fd, fGetFL, 0)
		g.is(err == nil && got == int32(vfs.O_RDWR), "F_GETFL %#o %v", got, err)
		dup, err := g.Dup(fd)
		g.ok(err)
		_, err = g.Fcntl(dup, fSetFL, int32(vfs.O_WRONLY|vfs.O_APPEND|vfs.O_NONBLOCK|vfs.O_CREAT))
		g.ok(err)
		got, _ = g.Fcntl(fd, fGetFL, 0) // shared, and the access mode stays
		g.is(got == int32(vfs.O_RDWR|vfs.O_APPEND|vfs.O_NONBLOCK), "F_GETFL %#o", got)
		for fd, want := range []int32{int32(vfs.O_RDONLY), int32(vfs.O_WRONLY), int32(vfs.O_WRONLY)} {
			got, err := g.Fcntl(int32(fd), fGetFL, 0)
			g.is(err == nil && got == want, "F_GETFL of %d: %d", fd, got)
		}
	})
}

func TestAccessModes(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.close(g.openFile("/data/f", shmCreate))
		r, w := g.openFile("/data/f", vfs.O_RDONLY), g.openFile("/data/f", vfs.O_WRONLY)
		_, err := g.Write(r, []byte("x"))
		g.want(err, errno.EBADF)
		_, err = g.Pwrite(r, []byte("x"), 0)
		g.want(err, errno.EBADF)
		_, err = g.Read(w, make([]byte, 1))
		g.want(err, errno.EBADF)
		_, err = g.Pread(w, make([]byte, 1), 0)
		g.want(err, errno.EBADF)
		_, err = g.Pwrite(w, []byte("x"), -1)
		g.want(err, errno.EINVAL)
		_, err = g.Pread(r, make([]byte, 1), -1)
		g.want(err, errno.EINVAL)
	})
}

// TestOffsetIsShared by dup and fork, and not by another open.
func TestOffsetIsShared(t *testing.T) {
	newBox(t).run(func(g *guest) {
		fd := g.openFile("/data/f", shmCreate)
		g.send(fd, "0123456789")
		at, err := g.Seek(fd, 2, 0)
		g.is(at == 2 && err == nil, "seek %d %v", at, err)
		dup, err := g.Dup(fd)
		g.ok(err)
		g.expect(dup, "23")
		g.reap(g.fork(func(c *guest) { c.expect(fd, "45") }), Exited(0))
		g.expect(fd, "67")
		g.expect(g.openFile("/data/f", vfs.O_RDONLY), "01")

		b := make([]byte, 3)
		n, err := g.Pread(fd, b, 1)
		g.is(n == 3 && err == nil && string(b) == "123", "pread %q %v", b, err)
		g.expect(fd, "89") // pread does not move
		g.expect(fd, "")
		for _, c := range []struct {
			offset int64
			whence int32
			want   int64
			err    errno.Errno
		}{{-4, 2, 6, 0}, {1, 1, 7, 0}, {-8, 1, 0, errno.EINVAL}, {0, 1, 7, 0}, {0, 9, 0, errno.EINVAL}, {100, 2, 110, 0}} {
			at, err := g.Seek(fd, c.offset, c.whence)
			g.want(err, c.err)
			g.is(at == c.want, "seek %d from %d: %d, want %d", c.offset, c.whence, at, c.want)
		}
		g.expect(fd, "")
	})
}

func TestAppendsOfTwoProcesses(t *testing.T) {
	newBox(t).run(func(g *guest) {
		const lines = 300
		for range 3 {
			g.fork(func(c *guest) {
				fd := c.openFile("/data/log", vfs.O_WRONLY|vfs.O_CREAT|vfs.O_APPEND)
				for range lines {
					c.send(fd, "a line\n")
				}
			})
		}
		for range 3 {
			g.reap(-1, Exited(0))
		}
		st, err := g.Stat(AtCwd, "/data/log", 0)
		g.is(err == nil && st.Size == 3*lines*7, "%d bytes %v", st.Size, err)
	})
}

func TestReadDirGoesOn(t *testing.T) {
	newBox(t).run(func(g *guest) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			g.close(g.openFile("/data/"+name, shmCreate))
		}
		fd := g.openFile("/data", vfs.O_RDONLY|vfs.O_DIRECTORY)
		list := func() (names []string) {
			for {
				taken := 0
				g.ok(g.ReadDir(fd, func(index int64, entries []vfs.DirEntry) int {
					g.is(int(index) == len(names), "entries from %d on, have %q", index, names)
					for _, e := range entries[:min(2, len(entries))] {
						names = append(names, e.Name)
						taken++
					}
					return taken
				}))
				if taken == 0 {
					return names
				}
			}
		}
		names := list()
		sort.Strings(names)
		g.is(strings.Join(names, " ") == ". .. a b c d e", "entries %q", names)
		g.close(g.openFile("/data/f", shmCreate))
		_, err := g.Seek(fd, 0, 0)
		g.ok(err)
		g.is(len(list()) == 8, "entries after rewinding")
		r, _ := g.pipe(0)
		g.want(g.ReadDir(r, nil), errno.ENOTDIR)
	})
}

func TestPathsOfAProcess(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.Umask(0o22)
		g.ok(g.Mkdir(AtCwd, "data/dir", 0o777))
		st, err := g.Stat(AtCwd, "/data/dir", 0)
		g.is(err == nil && st.Mode&0o777 == 0o755, "mode %o %v", st.Mode, err)
		dir := g.openFile("/data/dir", vfs.O_RDONLY|vfs.O_DIRECTORY)
		fd, err := g.Openat(dir, "f", shmCreate, 0o666)
		g.ok(err)
		_, err = g.Openat(fd, "f", vfs.O_RDONLY, 0)
		g.want(err, errno.ENOTDIR)
		_, err = g.Openat(99, "f", vfs.O_RDONLY, 0)
		g.want(err, errno.EBADF)
		_, err = g.Openat(dir, "", vfs.O_RDONLY, 0)
		g.want(err, errno.ENOENT)
		g.want(g.Chdir("/data/dir/f"), errno.ENOTDIR)
		g.want(g.Chdir("nowhere"), errno.ENOENT)
		g.ok(g.Chdir("data/dir/../dir/."))
		g.is(g.Getcwd() == "/data/dir", "directory %q", g.Getcwd())
		g.ok(g.Rename(AtCwd, "f", AtCwd, "g"))
		g.ok(g.Link(AtCwd, "g", dir, "h"))
		g.ok(g.Symlink("h", dir, "s"))
		target, err := g.Readlink(AtCwd, "/data/dir/s")
		g.is(err == nil && target == "h", "link %q %v", target, err)
		st, err = g.Stat(AtCwd, "s", AtSymlinkNofollow)
		g.is(err == nil && st.Mode&vfs.S_IFMT == vfs.S_IFLNK, "mode %o %v", st.Mode, err)
		g.ok(g.Chmod(AtCwd, "g", 0o400))
		g.ok(g.Access(AtCwd, "h", 4))
		g.want(g.Access(AtCwd, "h", 2), errno.EACCES)
		g.want(g.Unlink(AtCwd, "/data/dir", AtRemovedir), errno.ENOTEMPTY)
		for _, name := range []string{"g", "h", "s"} {
			g.ok(g.Unlink(dir, name, 0))
		}
		g.ok(g.Unlink(AtCwd, "/data/dir", AtRemovedir))
	})
}

func TestFileTypes(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, _ := g.pipe(0)
		a, _ := g.socketpair(0)
		for fd, want := range map[int32]uint32{
			0: vfs.S_IFIFO, 1: vfs.S_IFIFO, r: vfs.S_IFIFO, a: vfs.S_IFSOCK,
			g.openFile("/data/f", shmCreate):           vfs.S_IFREG,
			g.openFile("/data", vfs.O_RDONLY):          vfs.S_IFDIR,
			g.openFile("/dev/null", vfs.O_RDWR):        vfs.S_IFCHR,
			g.openFile("/dev/shm/anything", shmCreate): vfs.S_IFREG,
		} {
			st, err := g.Fstat(fd)
			g.is(err == nil && st.Mode&vfs.S_IFMT == want, "descriptor %d: type %o, want %o, %v", fd, st.Mode&vfs.S_IFMT, want, err)
		}
		g.want(g.Sync(r), errno.EINVAL)
		g.want(g.Datasync(a), errno.EINVAL)
		g.want(g.Truncate(r, 0), errno.EINVAL)
		g.want(g.Allocate(r, 0, 1), errno.ENODEV)
		g.ok(g.Fchmod(r, 0o600))
		g.ok(g.Sync(g.openFile("/data/f", vfs.O_RDWR)))
	})
}

// TestDescriptorLimit: a limit of one process is that of its children.
func TestDescriptorLimit(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.fds.limit = 20
		r, _ := g.pipe(0)
		fill := func(g *guest) (last int32) {
			for {
				fd, err := g.Dup(r)
				if err != nil {
					g.want(err, errno.EMFILE)
					return last
				}
				last = fd
			}
		}
		pid := g.fork(func(c *guest) { c.Exit(Exited(fill(c))) })
		g.reap(pid, Exited(19))
		g.is(fill(g) == 19, "the last one")
		_, err := g.Dup3(r, 20, 0)
		g.want(err, errno.EBADF)
	})
}
