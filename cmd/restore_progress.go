package cmd

import (
	"fmt"
	"io"
	"sync"
)

// restoreProgress shows on a terminal how far a dump was read, on a line that is taken away before anything else is written there. It is
// safe for concurrent use.
type restoreProgress struct {
	w io.Writer

	mu    sync.Mutex
	shown bool
}

// show shows how many bytes were read; total is 0 when nobody knows how many there are.
func (p *restoreProgress) show(read, total int64) {
	const megabyte = 1e6
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = true
	if total == 0 {
		fmt.Fprintf(p.w, "\rpglite: %.1f MB", float64(read)/megabyte)
		return
	}
	fmt.Fprintf(p.w, "\rpglite: %3d%% of %.1f MB", 100*min(read, total)/total, float64(total)/megabyte)
}

// Write implements io.Writer for what the program has to say.
func (p *restoreProgress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	return p.w.Write(b)
}

// end takes the line away.
func (p *restoreProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *restoreProgress) clear() {
	if p.shown {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
		p.shown = false
	}
}
