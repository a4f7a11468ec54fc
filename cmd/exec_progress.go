package cmd

import (
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"
)

// scriptProgress shows on a terminal how far scripts were read, on a line that is taken away before anything else is
// written there. It says nothing of scripts that are done soon. It is safe for concurrent use.
type scriptProgress struct {
	w    io.Writer // the terminal, nil when there is none
	now  func() time.Time
	wait time.Duration // before the line is shown first
	step time.Duration // between two lines

	mu    sync.Mutex
	begun time.Time
	drawn time.Time
	shown bool
}

// newScriptProgress returns one that shows nothing unless standard error is a terminal.
func newScriptProgress(s Streams) *scriptProgress {
	p := &scriptProgress{now: time.Now, wait: 2 * time.Second, step: 200 * time.Millisecond}
	if s.ErrTerminal {
		p.w = s.Err
	}
	return p
}

// over returns a reader of a script that shows how far it was read. A file says how long it is; of others is told how
// much was read.
func (p *scriptProgress) over(r io.Reader, name string) io.Reader {
	if p.w == nil {
		return r
	}
	total := int64(0)
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			total = info.Size()
		}
	}
	return &progressReader{Reader: r, progress: p, name: name, total: total}
}

// progressReader is a script being read.
type progressReader struct {
	io.Reader
	progress    *scriptProgress
	name        string
	read, total int64
}

func (r *progressReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.read += int64(n)
	if err != nil {
		r.progress.clear()
	} else {
		r.progress.show(r.name, r.read, r.total)
	}
	return n, err
}

// show draws the line when it is time for it.
func (p *scriptProgress) show(name string, read, total int64) {
	const megabyte = 1e6
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.begun.IsZero() {
		p.begun = now
	}
	if now.Sub(p.begun) < p.wait || now.Sub(p.drawn) < p.step {
		return
	}
	p.drawn, p.shown = now, true
	if total > 0 {
		fmt.Fprintf(p.w, "\rpglite: %s: %d%% of %.1f MB\x1b[K", name, 100*min(read, total)/total, float64(total)/megabyte)
		return
	}
	fmt.Fprintf(p.w, "\rpglite: %s: %.1f MB\x1b[K", name, float64(read)/megabyte)
}

// clear takes the line away.
func (p *scriptProgress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.shown = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// before returns a writer that has the line taken away before it writes to the terminal. Nil shows nothing.
func (p *scriptProgress) before(w io.Writer) io.Writer {
	if p == nil || p.w == nil {
		return w
	}
	return clearingWriter{w, p}
}

type clearingWriter struct {
	io.Writer
	progress *scriptProgress
}

func (c clearingWriter) Write(b []byte) (int, error) {
	c.progress.clear()
	return c.Writer.Write(b)
}
