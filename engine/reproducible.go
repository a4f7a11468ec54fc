package engine

import (
	"io"
	"sync"
)

// reproducible tells where process identifiers begin, and what /dev/urandom gives.
func (c *Config) reproducible() (firstPID int32, random io.Reader) {
	const first = 1000
	if c.Random == nil {
		return 0, nil
	}
	return first, &lockedReader{r: c.Random}
}

// lockedReader lets several processes read.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return io.ReadFull(l.r, b)
}
