package relay

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// FuzzFraming: whatever comes, in whatever pieces, is taken to its end, and messages end where they do when everything
// comes at once.
func FuzzFraming(f *testing.F) {
	var messages []byte
	for _, m := range []pgproto3.Message{request, &pgproto3.CopyDone{}, &pgproto3.CopyData{Data: encodedReady}} {
		messages, _ = m.Encode(messages)
	}
	packet, err := opening.Encode(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(false, 1, messages)
	f.Add(true, 7, packet)
	f.Add(true, 3, []byte{0, 0, 0, 0, 4, 0xd2, 0x16, 0x2f, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, untyped bool, size int, b []byte) {
		all, pieces := framing{untyped: untyped}, framing{untyped: untyped}
		want := ends(t, &all, b)
		var got []int
		at := 0
		for piece := range slices.Chunk(b, min(max(size, 1), 1<<20)) {
			for _, end := range ends(t, &pieces, piece) {
				got = append(got, at+end)
			}
			at += len(piece)
		}
		if all != pieces || !slices.Equal(got, want) {
			t.Errorf("at once %+v, messages end at %v; %d bytes at a time %+v, %v", all, want, size, pieces, got)
		}
	})
}

// ends returns where messages end in b.
func ends(t *testing.T, f *framing, b []byte) (at []int) {
	for done := 0; done < len(b); {
		n, whole := f.next(b[done:])
		if n < 1 || n > len(b)-done || whole != f.between() {
			t.Fatalf("%d bytes of %d taken, a message ends there: %t, %+v", n, len(b)-done, whole, *f)
		}
		if done += n; whole {
			at = append(at, done)
		}
	}
	return at
}
