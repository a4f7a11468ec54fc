package kernel

import (
	"strings"
	"sync"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// sharedMemory is what shm_open and shmget name.
type sharedMemory struct {
	noMemory func(error) error

	mu       sync.Mutex
	files    map[string]*memory.Object
	segments map[int32]*segment
	nextID   int32
}

// segment is a System V shared memory segment.
type segment struct {
	id, key  int32
	size     uint64
	object   *memory.Object
	attached map[attachment]bool
	removed  bool
}

type attachment struct {
	p    *Process
	addr Ptr
}

func (s *sharedMemory) init() {
	s.files, s.segments = map[string]*memory.Object{}, map[int32]*segment{}
}

func (s *sharedMemory) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.files {
		o.Release()
	}
	for _, g := range s.segments {
		g.object.Release()
	}
	s.init()
}

// shmFile is an open shared memory object.
type shmFile struct {
	object   *memory.Object
	noMemory func(error) error
}

func (f *shmFile) close()      { f.object.Release() }
func (f *shmFile) size() int64 { return int64(f.object.Size()) }

// grow sets the size, in whole granules; an object does not shrink, PostgreSQL never asks for that.
func (f *shmFile) grow(size int64) error {
	if size < 0 {
		return errno.EINVAL
	}
	n := roundUp(uint64(size))
	if n <= f.object.Size() {
		return nil
	}
	if err := f.object.Resize(n); err != nil && f.object.Size() < n { // another process may have grown it meanwhile
		return f.noMemory(err)
	}
	return nil
}

func roundUp(n uint64) uint64 { return (n + memory.Granule - 1) &^ (memory.Granule - 1) }

func (s *sharedMemory) open(name string, flags int) (*shmFile, error) {
	if name == "" || strings.Contains(name, "/") {
		return nil, errno.EINVAL
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.files[name]
	switch {
	case o == nil && flags&vfs.O_CREAT == 0:
		return nil, errno.ENOENT
	case o != nil && flags&(vfs.O_CREAT|vfs.O_EXCL) == vfs.O_CREAT|vfs.O_EXCL:
		return nil, errno.EEXIST
	case o == nil:
		var err error
		if o, err = memory.NewObject(0); err != nil {
			return nil, s.noMemory(err)
		}
		s.files[name] = o
	}
	o.Retain()
	return &shmFile{object: o, noMemory: s.noMemory}, nil
}

func (s *sharedMemory) unlink(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.files[name]
	if o == nil {
		return errno.ENOENT
	}
	delete(s.files, name)
	o.Release()
	return nil
}

// checkMapping refuses what the memory package would panic on or the guest does not own.
func (p *Process) checkMapping(addr Ptr, length uint64) error {
	if uint64(addr)%memory.Granule != 0 || length == 0 || uint64(addr)+length > uint64(len(p.mem)) {
		return errno.EINVAL
	}
	return nil
}

// MapShared maps shared memory at addr: that of fd, or new memory when fd is negative.
func (p *Process) MapShared(addr Ptr, length uint64, fd int32, offset int64) error {
	length = roundUp(length)
	if err := p.checkMapping(addr, length); err != nil {
		return err
	}
	if fd < 0 {
		o, err := memory.NewObject(length)
		if err != nil {
			return p.k.noMemory(err)
		}
		defer o.Release() // the mapping holds its own reference
		return p.mapError(p.region.MapShared(uint64(addr), length, o, 0))
	}
	d, err := p.fds.get(fd)
	if err != nil {
		return err
	}
	f, ok := d.object.(*shmFile)
	if !ok {
		return errno.ENODEV
	}
	if offset < 0 || uint64(offset)%memory.Granule != 0 {
		return errno.EINVAL
	}
	if err := f.grow(offset + int64(length)); err != nil {
		return err
	}
	return p.mapError(p.region.MapShared(uint64(addr), length, f.object, uint64(offset)))
}

func (p *Process) mapError(err error) error {
	if err != nil {
		return p.k.noMemory(err)
	}
	return nil
}

// Unmap makes the memory at addr private and zero again.
func (p *Process) Unmap(addr Ptr, length uint64) error {
	length = roundUp(length)
	if err := p.checkMapping(addr, length); err != nil {
		return err
	}
	return p.mapError(p.region.Unmap(uint64(addr), length))
}
