package vfs

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// MemFS is a file system in memory. It comes and goes with the program.
//
// Contents are kept in blocks that are allocated when first written, so files
// grow without copying and holes cost nothing. Names are under one lock, which
// lookups share; each file's blocks are under locks of their own, so any number of
// reads, and writes that do not extend the file, go on at the same time.
type MemFS struct {
	dev     uint64
	limit   int64        // bytes, 0 for none
	used    atomic.Int64 // bytes in blocks
	lastIno atomic.Uint64
	now     func() time.Time

	// names guards what hangs together by names: all children, parents and
	// link counts.
	names sync.RWMutex
	root  *node

	stripes [256]sync.RWMutex // contents of blocks, see node.stripe
}

var _ FS = (*MemFS)(nil)

// memDevices numbers the file systems in memory for Stat.Dev.
var memDevices atomic.Uint64

// memDevice is the first of their numbers, beyond those of usual disks.
const memDevice = 0x706700000000

// NewMemFS makes an empty file system whose files hold at most limit bytes
// together, beyond which writing is ENOSPC; 0 means no limit.
func NewMemFS(limit int64) *MemFS {
	m := &MemFS{dev: memDevice + memDevices.Add(1), limit: limit, now: time.Now}
	m.root = m.newNode(S_IFDIR, 0o755)
	m.root.parent = m.root
	m.root.nlink.Store(2)
	return m
}

// node is an inode: a directory, a regular file or a symbolic link.
type node struct {
	ino   uint64
	kind  uint32 // S_IFDIR, S_IFREG or S_IFLNK
	perm  atomic.Uint32
	nlink atomic.Int32 // changed under MemFS.names
	opens atomic.Int32

	atim, mtim, ctim atomic.Int64 // nanoseconds since 1970

	target   string           // of a symbolic link, never changed
	children map[string]*node // of a directory, under MemFS.names
	parent   *node            // of a directory, under MemFS.names

	content content
}

func (m *MemFS) newNode(kind, perm uint32) *node {
	n := &node{ino: m.lastIno.Add(1), kind: kind}
	n.perm.Store(perm & permBits)
	if kind == S_IFDIR {
		n.children = make(map[string]*node)
	}
	now := m.clock()
	n.atim.Store(now)
	n.mtim.Store(now)
	n.ctim.Store(now)
	return n
}

func (m *MemFS) clock() int64 { return m.now().UnixNano() }

// modified records a change of the content, changed one of the inode.
func (m *MemFS) modified(n *node) {
	now := m.clock()
	n.mtim.Store(now)
	n.ctim.Store(now)
}

func (m *MemFS) changed(n *node) { n.ctim.Store(m.clock()) }

// release frees the content of a file without names and users. It may be called
// more than once.
func (m *MemFS) release(n *node) {
	if n.kind == S_IFREG && n.nlink.Load() == 0 && n.opens.Load() == 0 {
		m.shrink(n, 0)
		n.content.kill()
	}
}

func (m *MemFS) stat(n *node) Stat {
	st := Stat{
		Dev: m.dev, Ino: n.ino, Mode: n.kind | n.perm.Load(), Nlink: uint32(n.nlink.Load()),
		UID: guestUID, GID: guestGID, Blksize: blockSize,
		Atim: timespecOfNano(n.atim.Load()), Mtim: timespecOfNano(n.mtim.Load()), Ctim: timespecOfNano(n.ctim.Load()),
	}
	switch n.kind {
	case S_IFREG:
		st.Size, st.Blocks = n.content.extent()
	case S_IFLNK:
		st.Size = int64(len(n.target))
	}
	return st
}

func (m *MemFS) utimes(n *node, atim, mtim Timespec) error {
	if !atim.valid() || !mtim.valid() {
		return errno.EINVAL
	}
	if t, ok := atim.resolve(m.now); ok {
		n.atim.Store(nanoOf(t))
	}
	if t, ok := mtim.resolve(m.now); ok {
		n.mtim.Store(nanoOf(t))
	}
	m.changed(n)
	return nil
}
