//go:build unix

package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// restoreMegabytes names the environment variable that says how long the dump of TestRestoreFlatMemory is; without it, it is short enough
// for every run of the tests, though many times as long as all buffers on the way.
const (
	restoreMegabytes     = "PGLITE_TEST_RESTORE_MB"
	usualRestoreMegabyte = 192
)

// dumpGenerator is a plain dump of one table. It is made as it is read.
type dumpGenerator struct {
	left    int64 // bytes of data to come
	rows    int
	buffer  bytes.Buffer
	ended   bool
	started bool
}

const dumpedRow = "%d\t%0900d\n"

// Read implements io.Reader.
func (g *dumpGenerator) Read(b []byte) (int, error) {
	for g.buffer.Len() < len(b) && !g.ended {
		switch {
		case !g.started:
			g.started = true
			g.buffer.WriteString("--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\nCREATE TABLE big (id int, filler text);\nCOPY big (id, filler) FROM stdin;\n")
		case g.left > 0:
			g.rows++
			n, _ := fmt.Fprintf(&g.buffer, dumpedRow, g.rows, g.rows)
			g.left -= int64(n)
		default:
			g.ended = true
			g.buffer.WriteString("\\.\n\n--\n-- PostgreSQL database dump complete\n--\n")
		}
	}
	return g.buffer.Read(b)
}

// TestRestoreFlatMemory restores a long dump from a pipe. What the process needs at most does not grow with the dump: it is compared with
// a dump a sixth as long.
func TestRestoreFlatMemory(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("restores a long dump")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("this system does not tell what memory a process has needed")
	}
	megabytes, _ := strconv.Atoi(os.Getenv(restoreMegabytes))
	if megabytes == 0 {
		megabytes = usualRestoreMegabyte
	}
	short := peakOfRestore(t, int64(megabytes)<<20/6)
	long := peakOfRestore(t, int64(megabytes)<<20)
	t.Logf("%d MB: at most %d MB resident, of which a sixth needs %d MB", megabytes, long>>20, short>>20)
	if most := short + short/4 + 32<<20; long > most {
		t.Errorf("%d MB need %d MB of memory, a sixth of it %d MB: it grows", megabytes, long>>20, short>>20)
	}
}

// peakOfRestore restores a dump into a new cluster and returns the most bytes that were resident.
func peakOfRestore(t *testing.T, size int64) (peak int64) {
	t.Helper()
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	g := &dumpGenerator{left: size}
	c := exec.Command("pglite", "-D", data, "restore", "-")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			peak = max(peak, residentPeak(c.Process.Pid))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	_, copied := io.Copy(in, g)
	_ = in.Close()
	err = c.Wait()
	cancel()
	<-watched
	if err != nil || copied != nil {
		t.Fatalf("%v, %v: %s", err, copied, stderr.String())
	}
	want := fmt.Sprintf("%d|%d\n", g.rows, 900*g.rows)
	if got := succeed(t, "", "-D", data, "exec", "-At", "SELECT count(*), sum(length(filler)) FROM big"); got != want {
		t.Errorf("restored %q, want %q", got, want)
	}
	if peak == 0 {
		t.Fatal("nothing is known of the process's memory")
	}
	return peak
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// residentPeak returns the most bytes of a process that were resident so far, 0 when it has ended.
func residentPeak(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if m := highWater.FindSubmatch(b); err == nil && m != nil {
		kilobytes, _ := strconv.ParseInt(string(m[1]), 10, 64)
		return kilobytes << 10
	}
	return 0
}
