package emscripten

import (
	"context"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// hostProgram is a program whose code is a Go function that makes host calls.
type hostProgram func(p *kernel.Process)

func (f hostProgram) New(p *kernel.Process) (kernel.Instance, error) {
	region, err := memory.Reserve(memory.Granule)
	if err != nil {
		return nil, err
	}
	return &hostInstance{p, f, region}, region.Commit(memory.Granule)
}

type hostInstance struct {
	p      *kernel.Process
	run    hostProgram
	region *memory.Region
}

func (i *hostInstance) Memory() *memory.Region                        { return i.region }
func (i *hostInstance) Signals() kernel.Ptr                           { return 0 }
func (i *hostInstance) Fork(*kernel.Process) (kernel.Instance, error) { return nil, errno.ENOSYS }
func (i *hostInstance) Exit(kernel.Status)                            { panic("exit") }
func (i *hostInstance) Close() error                                  { return i.region.Free() }

func (i *hostInstance) Run(bool) (kernel.Status, error) {
	i.run(i.p)
	return kernel.Exited(0), nil
}

// run makes host calls in a process that sees a tree with the given root.
func run(t *testing.T, root vfs.FS, f func(p *kernel.Process)) {
	t.Helper()
	program := func(context.Context, string) (kernel.Program, error) { return hostProgram(f), nil }
	k := kernel.New(kernel.Config{Files: vfs.NewTree(root), Program: program})
	defer k.Close()
	p, err := k.Start(t.Context(), kernel.Command{Program: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if status, err := p.Wait(t.Context()); err != nil || status != kernel.Exited(0) {
		t.Fatalf("status %v, %v", status, err)
	}
}

type advice struct {
	offset, length int64
	advice         int
}

// advisedFS keeps what its files were advised.
type advisedFS struct {
	*vfs.MemFS
	got []advice
}

func (a *advisedFS) OpenFile(name string, flag int, perm uint32) (vfs.File, error) {
	f, err := a.MemFS.OpenFile(name, flag, perm)
	return &advisedFile{f, a}, err
}

type advisedFile struct {
	vfs.File
	fs *advisedFS
}

func (f *advisedFile) Advise(offset, length int64, how int) error {
	f.fs.got = append(f.fs.got, advice{offset, length, how})
	return f.File.Advise(offset, length, how)
}

func TestAdviceReachesTheFile(t *testing.T) {
	t.Parallel()
	root := &advisedFS{MemFS: vfs.NewMemFS(0)}
	run(t, root, func(p *kernel.Process) {
		advise := func(fd int32, words ...uint64) errno.Errno {
			stack := append([]uint64{uint64(uint32(fd))}, words...)
			Imports()["env"]["__syscall_fadvise64_64"].Call(p, stack)
			return errno.Errno(-int32(stack[0]))
		}
		fd, err := p.Openat(kernel.AtCwd, "/f", vfs.O_RDWR|vfs.O_CREAT, 0o600)
		if err != nil {
			t.Error(err)
			return
		}
		r, _, err := p.Pipe(0)
		if err != nil {
			t.Error(err)
			return
		}
		for _, test := range []struct {
			fd    int32
			words []uint64
			want  errno.Errno
		}{
			{fd, []uint64{8192, 1, 16384, 0, vfs.POSIX_FADV_WILLNEED}, 0},
			{fd, []uint64{0, 0, 0, 0, 6}, errno.EINVAL},
			{fd, []uint64{0, 0, 0, 0xffffffff, 0}, errno.EINVAL},
			{r, []uint64{0, 0, 0, 0, 0}, errno.ESPIPE},
			{99, []uint64{0, 0, 0, 0, 0}, errno.EBADF},
		} {
			if got := advise(test.fd, test.words...); got != test.want {
				t.Errorf("%d %v: %v, want %v", test.fd, test.words, got, test.want)
			}
		}
	})
	if want := (advice{1<<32 + 8192, 16384, vfs.POSIX_FADV_WILLNEED}); len(root.got) != 1 || root.got[0] != want {
		t.Errorf("the file was advised %v, want %v", root.got, want)
	}
}
