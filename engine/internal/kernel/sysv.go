package kernel

import (
	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
)

// flags and commands of the System V calls
const (
	ipcCreat = 0o1000
	ipcExcl  = 0o2000
	ipcRmid  = 0
	ipcStat  = 2
)

// Shmget is shmget(2).
func (p *Process) Shmget(key int32, size uint64, flags int32) (int32, error) {
	s := &p.k.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		if key == 0 || g.key != key || g.removed {
			continue
		}
		if flags&(ipcCreat|ipcExcl) == ipcCreat|ipcExcl {
			return 0, errno.EEXIST
		}
		if size > g.size {
			return 0, errno.EINVAL
		}
		return g.id, nil
	}
	if flags&ipcCreat == 0 {
		return 0, errno.ENOENT
	}
	if size == 0 {
		return 0, errno.EINVAL
	}
	o, err := memory.NewObject(roundUp(size))
	if err != nil {
		return 0, s.noMemory(err)
	}
	s.nextID++
	s.segments[s.nextID] = &segment{id: s.nextID, key: key, size: size, object: o, attached: map[attachment]bool{}}
	return s.nextID, nil
}

// segment returns a segment by its identifier; the lock is held.
func (s *sharedMemory) segment(id int32) (*segment, error) {
	g := s.segments[id]
	if g == nil {
		return nil, errno.EINVAL
	}
	return g, nil
}

// Shmsize returns a segment's size.
func (p *Process) Shmsize(id int32) (uint64, error) {
	s := &p.k.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.segment(id)
	if err != nil {
		return 0, err
	}
	return g.size, nil
}

// Shmat is shmat(2) at an address that the guest has set aside.
func (p *Process) Shmat(id int32, addr Ptr) error {
	s := &p.k.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.segment(id)
	if err != nil {
		return err
	}
	if err := p.checkMapping(addr, roundUp(g.size)); err != nil {
		return err
	}
	if err := p.region.MapShared(uint64(addr), roundUp(g.size), g.object, 0); err != nil {
		return s.noMemory(err)
	}
	g.attached[attachment{p, addr}] = true
	return nil
}

// Shmdt is shmdt(2).
func (p *Process) Shmdt(addr Ptr) error {
	s := &p.k.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		a := attachment{p, addr}
		if g.attached[a] {
			delete(g.attached, a)
			s.drop(g)
			return p.mapError(p.region.Unmap(uint64(addr), roundUp(g.size)))
		}
	}
	return errno.EINVAL
}

// Shmctl is shmctl(2): IPC_STAT and IPC_RMID.
func (p *Process) Shmctl(id, command int32) (attached int, size uint64, err error) {
	s := &p.k.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.segment(id)
	if err != nil {
		return 0, 0, err
	}
	switch command & 0xff {
	case ipcStat:
		return len(g.attached), g.size, nil
	case ipcRmid:
		g.removed = true
		s.drop(g)
		return 0, 0, nil
	}
	return 0, 0, errno.EINVAL
}

// drop forgets a removed segment that nobody has attached; the lock is held.
func (s *sharedMemory) drop(g *segment) {
	if g.removed && len(g.attached) == 0 {
		delete(s.segments, g.id)
		g.object.Release()
	}
}

// inherit attaches a forked child to its parent's segments; the memory itself is mapped already.
func (s *sharedMemory) inherit(parent, child *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		for a := range g.attached {
			if a.p == parent {
				g.attached[attachment{child, a.addr}] = true
			}
		}
	}
}

func (s *sharedMemory) detachAll(p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		for a := range g.attached {
			if a.p == p {
				delete(g.attached, a)
			}
		}
		s.drop(g)
	}
}
