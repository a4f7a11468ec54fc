package memory

import "os"

// backing is an object's memory: a temporary file, removed at once.
//
// Why not shm_open? macOS lets such an object have its size set once only, so
// it cannot grow.
type backing struct{ file *os.File }

func (b *backing) open() (err error) {
	if b.file, err = os.CreateTemp("", "pglite-memory-*"); err != nil {
		return err
	}
	if err := os.Remove(b.file.Name()); err != nil {
		b.close()
		return err
	}
	return nil
}

func (b *backing) grow(_, to uint64) error { return b.file.Truncate(int64(to)) }

func (b *backing) descriptor() int { return int(b.file.Fd()) }

func (b *backing) close() { _ = b.file.Close() }
