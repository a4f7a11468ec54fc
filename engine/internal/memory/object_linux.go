package memory

import "golang.org/x/sys/unix"

// backing is an object's memory: a file that has no name and no disk.
type backing struct{ fd int }

func (b *backing) open() (err error) {
	b.fd, err = unix.MemfdCreate("pglite", unix.MFD_CLOEXEC)
	return err
}

func (b *backing) grow(_, to uint64) error {
	return unix.Ftruncate(b.fd, int64(to))
}

func (b *backing) descriptor() int { return b.fd }

func (b *backing) close() { _ = unix.Close(b.fd) }
