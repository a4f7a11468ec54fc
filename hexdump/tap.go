package hexdump

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

const (
	// tapLimit is how much of a message a Tap looks at.
	tapLimit = 64 << 10
	// tapText is how much of a message's text a Tap shows.
	tapText = 4 << 10
	// tapQueue is how many bytes wait for being shown.
	tapQueue = 8 << 20
	// tapItemSize is what a message is taken to need beside its bytes.
	tapItemSize = 200
)

// Tap shows messages while they pass, and never holds back who tells them: when they come faster than the writer takes
// them, or it takes nothing, messages are dropped and a line counts them. What is written to it as an io.Writer, such as
// a log, goes among them. It is safe for concurrent use, but for calls of Add about the same connection.
type Tap struct {
	out   io.Writer
	color bool
	limit int // bytes queued

	mu      sync.Mutex
	wake    *sync.Cond
	split   map[uint32]*wire.Splitter
	queue   []tapItem
	size    int // of what is in queue, and in the writer's hands
	dropped int // messages since the last that was queued
	closed  bool
	done    chan struct{}
}

// tapItem is a message, or a text.
type tapItem struct {
	conn uint32
	m    wire.Message
	text string
}

func (i tapItem) size() int { return tapItemSize + len(i.m.Raw) + len(i.text) }

// NewTap begins to write to out.
func NewTap(out io.Writer, color bool) *Tap {
	t := &Tap{out: out, color: color, limit: tapQueue, split: map[uint32]*wire.Splitter{}, done: make(chan struct{})}
	t.wake = sync.NewCond(&t.mu)
	go t.run()
	return t
}

// Add shows the messages that the bytes of a connection complete. It does not wait and returns no error.
func (t *Tap) Add(conn uint32, d Direction, b []byte) error {
	t.add(conn, t.splitter(conn, false).Add(d, b)...)
	return nil
}

// End shows what there is of unfinished messages of a connection, and its end. It does not wait and returns no error.
func (t *Tap) End(conn uint32) error {
	t.add(conn, t.splitter(conn, true).Rest()...)
	t.enqueue(tapItem{text: fmt.Sprintf("#%d closed\n", conn)})
	return nil
}

// splitter returns the connection's. With last, the connection has no more bytes.
func (t *Tap) splitter(conn uint32, last bool) *wire.Splitter {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.split[conn]
	if s == nil {
		s = &wire.Splitter{Limit: tapLimit, Secrets: true} // which run looks for: it takes time
		t.split[conn] = s
	}
	if last {
		delete(t.split, conn)
	}
	return s
}

func (t *Tap) add(conn uint32, messages ...wire.Message) {
	items := make([]tapItem, 0, len(messages))
	for _, m := range messages {
		if m.Dropped == 0 {
			items = append(items, tapItem{conn: conn, m: m})
		}
	}
	t.enqueue(items...)
}

// Write shows text. It does not wait and returns no error.
func (t *Tap) Write(text []byte) (int, error) {
	t.enqueue(tapItem{text: string(text)})
	return len(text), nil
}

// enqueue queues what there is room for.
func (t *Tap) enqueue(items ...tapItem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, i := range items {
		if t.closed || t.size+i.size() > t.limit {
			t.dropped++
			continue
		}
		if t.dropped > 0 {
			notice := tapItem{text: droppedText(t.dropped)}
			t.queue, t.size, t.dropped = append(t.queue, notice), t.size+notice.size(), 0
		}
		t.queue, t.size = append(t.queue, i), t.size+i.size()
	}
	t.wake.Signal()
}

func droppedText(n int) string {
	return fmt.Sprintf("… %d messages are not shown: they come faster than they are read\n", n)
}

// run writes what is queued.
func (t *Tap) run() {
	defer close(t.done)
	for {
		items, dropped, more := t.take()
		size := 0
		for _, i := range items {
			_, _ = io.WriteString(t.out, t.show(i))
			size += i.size()
		}
		if !more {
			if dropped > 0 {
				_, _ = io.WriteString(t.out, droppedText(dropped))
			}
			return
		}
		t.mu.Lock()
		t.size -= size
		t.mu.Unlock()
	}
}

// take waits for something to write. There is no more when the Tap was closed.
func (t *Tap) take() (items []tapItem, dropped int, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.queue) == 0 && !t.closed {
		t.wake.Wait()
	}
	items, t.queue = t.queue, nil
	return items, t.dropped, !t.closed
}

// show returns the text of an item, without secrets.
func (t *Tap) show(i tapItem) string {
	if i.text != "" {
		return i.text
	}
	wire.Blank(&i.m)
	return wire.Style{Decode: true, Color: t.color}.Abridged(i.conn, i.m, tapText)
}

// Close writes what is queued, unless that takes longer than the patience: then the goroutine that waits for the writer
// is left behind.
func (t *Tap) Close(patience time.Duration) {
	t.mu.Lock()
	t.closed = true
	t.wake.Signal()
	t.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.done:
	case <-timer.C:
	}
}
