package server_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// residentMB returns the resident memory of this process.
func residentMB(t *testing.T) (mb int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Error(err) // not Fatal: another goroutine watches
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &mb); n == 1 {
			return mb >> 10
		}
	}
	t.Error("no VmRSS")
	return 0
}

// growth runs do and returns by how much the resident memory has grown at most meanwhile.
func growth(t *testing.T, do func()) int {
	before := residentMB(t)
	most := before
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				most = max(most, residentMB(t))
			case <-stop:
				return
			}
		}
	})
	do()
	close(stop)
	watching.Wait()
	return most - before
}

const copyRow = 1000

// copySize is how many bytes are copied: a gigabyte, or less when tests have to be short.
func copySize() int {
	if testing.Short() {
		return 100e6
	}
	return 1e9
}

// A gigabyte goes through without being kept, in either direction, also when the client is slow.
func TestCopyKeepsMemory(t *testing.T) {
	const most = 150 // MB; the test's own garbage, the race detector's memory and shared buffers that come into use are in it
	s, _ := open(t, both(t), nil)
	conn := connect(t, uri(t, s, true)).PgConn()
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "create table t(x text)").ReadAll(); err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("copy (select repeat('x', %d) from generate_series(1, %d)) to stdout", copyRow-1, copySize()/copyRow)
	t.Run("out", func(t *testing.T) {
		w := &lazyWriter{}
		grown := growth(t, func() {
			if _, err := conn.CopyTo(ctx, w, out); err != nil {
				t.Error(err)
			}
		})
		t.Logf("%d MB, memory grew by %d MB", w.n/1e6, grown)
		if w.n != copySize() || grown > most {
			t.Errorf("%d bytes, memory grew by %d MB", w.n, grown)
		}
	})
	t.Run("in", func(t *testing.T) {
		r := &rowReader{left: copySize()}
		grown := growth(t, func() {
			if _, err := conn.CopyFrom(ctx, r, "copy t from stdin where x = ''"); err != nil {
				t.Error(err)
			}
		})
		t.Logf("%d MB, memory grew by %d MB", copySize()/1e6, grown)
		if r.left != 0 || grown > most {
			t.Errorf("%d bytes not read, memory grew by %d MB", r.left, grown)
		}
	})
}

// lazyWriter takes what comes, and a rest after each so many bytes.
type lazyWriter struct{ n int }

func (w *lazyWriter) Write(b []byte) (int, error) {
	const often = 20e6
	if (w.n+len(b))/often != w.n/often {
		time.Sleep(100 * time.Millisecond)
	}
	w.n += len(b)
	return len(b), nil
}

// rowReader gives rows of copyRow bytes.
type rowReader struct{ left int }

var manyRows = []byte(strings.Repeat(strings.Repeat("y", copyRow-1)+"\n", 64))

func (r *rowReader) Read(b []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	at := (copySize() - r.left) % len(manyRows)
	n := min(copy(b, manyRows[at:]), r.left)
	r.left -= n
	return n, nil
}
