package vfs

import (
	"sync"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

const (
	blockSize     = 8192 // as PostgreSQL's, so that one read is one copy
	chunkBlocks   = 64
	chunkSize     = chunkBlocks * blockSize
	maxMemoryFile = 64 << 30 // bounds the table of a file with holes
)

// block is a piece of content. Its bytes are read and written under a stripe of
// MemFS, or under content.mu held for writing.
type block [blockSize]byte

// chunk is a run of blocks; nil ones are holes.
type chunk [chunkBlocks]*block

// content is the data of a regular file: a table of chunks of blocks.
type content struct {
	// mu is held for reading by who uses the table, and for writing by who
	// changes it or the size.
	mu     sync.RWMutex
	size   int64
	chunks []*chunk
	blocks int64 // that are allocated
	dead   bool  // without names and users: nothing is allocated any more
}

func (c *content) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
}

// block gives the block that holds the offset, or nil for a hole.
func (c *content) block(off int64) *block {
	i := off / chunkSize
	if i >= int64(len(c.chunks)) || c.chunks[i] == nil {
		return nil
	}
	return c.chunks[i][off%chunkSize/blockSize]
}

// extent gives the size and the number of 512-byte blocks.
func (c *content) extent() (size, blocks int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.size, c.blocks * (blockSize / 512)
}

// holds reports whether a write of the range needs no change of table or size.
func (c *content) holds(off, length int64) bool {
	if off+length > c.size {
		return false
	}
	for at := off - off%blockSize; at < off+length; at += blockSize {
		if c.block(at) == nil {
			return false
		}
	}
	return true
}

// stripe is the lock of one block's bytes.
func (m *MemFS) stripe(n *node, off int64) *sync.RWMutex {
	return &m.stripes[(n.ino*31+uint64(off/blockSize))%uint64(len(m.stripes))]
}

// piece is how much of p lies in the block of the offset.
func piece(p []byte, off int64) []byte {
	return p[:min(int64(len(p)), blockSize-off%blockSize)]
}

// read copies from the content; it stops at the end of the file.
func (m *MemFS) read(n *node, p []byte, off int64) int {
	c := &n.content
	c.mu.RLock()
	defer c.mu.RUnlock()
	if off >= c.size {
		return 0
	}
	p = p[:min(int64(len(p)), c.size-off)]
	for rest := p; len(rest) > 0; {
		part := piece(rest, off)
		if b := c.block(off); b == nil {
			clear(part)
		} else {
			lock := m.stripe(n, off)
			lock.RLock()
			copy(part, b[off%blockSize:])
			lock.RUnlock()
		}
		rest, off = rest[len(part):], off+int64(len(part))
	}
	return len(p)
}

// write copies into the content. Only a write that extends the file or fills a
// hole keeps others out of it.
func (m *MemFS) write(n *node, p []byte, off int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if off > maxMemoryFile-int64(len(p)) {
		return 0, errno.EFBIG
	}
	c := &n.content
	c.mu.RLock()
	if c.holds(off, int64(len(p))) {
		defer c.mu.RUnlock()
		m.overwrite(n, p, off)
		m.modified(n)
		return len(p), nil
	}
	c.mu.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	return m.extend(n, p, off)
}

// append writes at the end.
func (m *MemFS) append(n *node, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c := &n.content
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size > maxMemoryFile-int64(len(p)) {
		return 0, errno.EFBIG
	}
	return m.extend(n, p, c.size)
}

func (m *MemFS) overwrite(n *node, p []byte, off int64) {
	for len(p) > 0 {
		part := piece(p, off)
		lock := m.stripe(n, off)
		lock.Lock()
		copy(n.content.block(off)[off%blockSize:], part)
		lock.Unlock()
		p, off = p[len(part):], off+int64(len(part))
	}
}

// extend writes with content.mu held for writing, until space runs out.
func (m *MemFS) extend(n *node, p []byte, off int64) (written int, err error) {
	for written < len(p) {
		part := piece(p[written:], off)
		b, err := m.ensure(&n.content, off)
		if err != nil {
			return written, err
		}
		copy(b[off%blockSize:], part)
		written, off = written+len(part), off+int64(len(part))
		n.content.size = max(n.content.size, off)
	}
	m.modified(n)
	return written, nil
}

// ensure allocates the block of the offset if it is a hole. content.mu is held
// for writing.
func (m *MemFS) ensure(c *content, off int64) (*block, error) {
	if b := c.block(off); b != nil {
		return b, nil
	}
	if c.dead {
		return nil, errno.EBADF // closed by another goroutine meanwhile
	}
	if used := m.used.Add(blockSize); m.limit > 0 && used > m.limit {
		m.used.Add(-blockSize)
		return nil, errno.ENOSPC
	}
	i := off / chunkSize
	for int64(len(c.chunks)) <= i {
		c.chunks = append(c.chunks, nil)
	}
	if c.chunks[i] == nil {
		c.chunks[i] = new(chunk)
	}
	b := new(block)
	c.chunks[i][off%chunkSize/blockSize] = b
	c.blocks++
	return b, nil
}

// allocate fills the holes of a range.
func (m *MemFS) allocate(n *node, off, length int64) error {
	if off > maxMemoryFile-length {
		return errno.EFBIG
	}
	c := &n.content
	c.mu.Lock()
	defer c.mu.Unlock()
	for at := off - off%blockSize; at < off+length; at += blockSize {
		if _, err := m.ensure(c, at); err != nil {
			return err
		}
	}
	c.size = max(c.size, off+length)
	m.modified(n)
	return nil
}

// grow sets a length that is not less than the one before; shrink one that is
// not more. Both leave files alone that are already longer, or shorter.
func (m *MemFS) grow(n *node, size int64) {
	c := &n.content
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = max(c.size, size)
}

func (m *MemFS) shrink(n *node, size int64) {
	c := &n.content
	c.mu.Lock()
	defer c.mu.Unlock()
	if size > c.size {
		return
	}
	c.size = size
	if b := c.block(size); b != nil && size%blockSize != 0 {
		clear(b[size%blockSize:])
	}
	keep := (size + blockSize - 1) / blockSize // blocks
	for i := keep; i < int64(len(c.chunks))*chunkBlocks; i++ {
		m.drop(c, i)
	}
	chunks := (keep + chunkBlocks - 1) / chunkBlocks
	if chunks < int64(len(c.chunks)) {
		clear(c.chunks[chunks:])
		c.chunks = c.chunks[:chunks]
	}
	if chunks == 0 {
		c.chunks = nil
	}
}

// drop frees one block.
func (m *MemFS) drop(c *content, i int64) {
	chunk := c.chunks[i/chunkBlocks]
	if chunk == nil || chunk[i%chunkBlocks] == nil {
		return
	}
	chunk[i%chunkBlocks] = nil
	c.blocks--
	m.used.Add(-blockSize)
}

// truncate sets the length, whatever it was.
func (m *MemFS) truncate(n *node, size int64) error {
	if size > maxMemoryFile {
		return errno.EFBIG
	}
	m.shrink(n, size)
	m.grow(n, size)
	m.modified(n)
	return nil
}
