package lex

import (
	"runtime"
	"strings"
	"testing"
)

// TestTakeLineRest: what stands around the data is read as if the data were not there.
func TestTakeLineRest(t *testing.T) {
	t.Parallel()
	const data = "1\n2\n\\.\n"
	for _, behind := range []string{"", " ", " SELECT 1;", " \\echo x"} {
		const first, last = "COPY t FROM stdin;", "SELECT 2;\n"
		s := Splitter{}
		s.Feed(first + behind + "\n" + data + last)
		if seg, _ := s.Next(); seg.Text != first {
			t.Fatalf("%q: got %+v", behind, seg)
		}
		for _, want := range []string{"1\n", "2\n", "\\.\n"} {
			if line, found := s.TakeLine(); line != want || !found {
				t.Errorf("%q: got %q, want %q", behind, line, want)
			}
		}
		s.Feed("SELECT 3;\n")
		raw := first
		for seg, found := s.Next(); found; seg, found = s.Next() {
			raw += seg.Raw
		}
		rest, _ := s.Flush()
		if raw += rest.Raw; raw != first+behind+"\n"+last+"SELECT 3;\n" {
			t.Errorf("%q: got %q", behind, raw)
		}
	}
}

// TestTakeLineCopies: the input is not copied for each line, nor for each COPY. It counts what all goroutines allocate,
// so it is not parallel.
func TestTakeLineCopies(t *testing.T) { //nolint:paralleltest // see above
	const copies, lines = 100, 200
	one := "COPY t FROM stdin;\n" + strings.Repeat("some text\n", lines) + "\\.\n"
	input := strings.Repeat(one, copies)
	s := Splitter{}
	s.Feed(input)
	taken := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range copies {
		if seg, _ := s.Next(); strings.TrimSpace(seg.Text) != "COPY t FROM stdin;" {
			t.Fatalf("got %+v", seg)
		}
		for line, _ := s.TakeLine(); line != "\\.\n"; line, _ = s.TakeLine() {
			taken++
		}
	}
	runtime.ReadMemStats(&after)
	if taken != copies*lines {
		t.Errorf("%d lines were taken, want %d", taken, copies*lines)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > uint64(len(input)) {
		t.Errorf("%d bytes were allocated for an input of %d", allocated, len(input))
	}
}
