package embedded

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// usage is what this process holds.
type usage struct {
	goroutines, descriptors, mappings int
	heap                              uint64
}

func measure(t *testing.T) (u usage) {
	t.Helper()
	runtime.GC()
	runtime.GC() // finalizers have run
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return usage{runtime.NumGoroutine(), len(descriptors), bytes.Count(maps, []byte("\n")), memory.HeapAlloc}
}

// TestCyclesLeakNothing opens and closes clusters over and over: neither goroutines, descriptors, mappings nor memory grow with the number. It counts what the
// whole process has, so no other test runs meanwhile.
func TestCyclesLeakNothing(t *testing.T) { //nolint:paralleltest // see above
	cycles := 100
	if testing.Short() {
		cycles = 20
	}
	if text := os.Getenv("PGLITE_TEST_CYCLES"); text != "" { // 1000, say, which takes minutes
		var err error
		if cycles, err = strconv.Atoi(text); err != nil || cycles < 1 {
			t.Fatalf("PGLITE_TEST_CYCLES is %q: %v", text, err)
		}
	}
	cycle := func() {
		db := openOnce(t)
		var one int
		if err := db.SQL().QueryRowContext(t.Context(), "SELECT 1").Scan(&one); err != nil || one != 1 {
			t.Fatalf("%d, %v", one, err)
		}
		if _, err := db.URL(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	const warm = 5 // what is kept for the next cluster is there then
	for range warm {
		cycle()
	}
	before := measure(t)
	for range cycles {
		cycle()
	}
	after := measure(t)
	for deadline := time.Now().Add(enginetest.Patience); after.goroutines > before.goroutines || after.descriptors > before.descriptors; after = measure(t) {
		if time.Now().After(deadline) { // goroutines that are about to end have ended by then
			buffer := make([]byte, 1<<20)
			t.Fatalf("after %d cycles: %+v, before: %+v\n%s", cycles, after, before, buffer[:runtime.Stack(buffer, true)])
		}
		time.Sleep(time.Millisecond)
	}
	if grown := after.mappings - before.mappings; grown > cycles/2 { // Go's own heap grows by a few
		t.Errorf("after %d cycles there are %d more mappings", cycles, grown)
	}
	const most = 100 << 10
	if after.heap > before.heap && (after.heap-before.heap)/uint64(cycles) > most {
		t.Errorf("after %d cycles the heap has %d bytes more", cycles, after.heap-before.heap)
	}
	t.Logf("before %+v, after %d cycles %+v", before, cycles, after)
}

// openOnce opens a cluster that the caller closes.
func openOnce(t *testing.T) *DB {
	t.Helper()
	runtime := enginetest.Runtime(t)
	db, err := Open(t.Context(), Memory, func(o *Options) { o.Engine.Runtime = runtime })
	if err != nil {
		t.Fatal(err)
	}
	return db
}
