package wazero

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// TestRejectedCodeIsFreed: a machine keeps no code that it has not returned a program for.
func TestRejectedCodeIsFreed(t *testing.T) {
	t.Parallel()
	m := New(Config{CodeDir: t.TempDir()})
	defer m.Close()
	ctx := context.Background()
	module := []byte("\x00asm\x01\x00\x00\x00") // has no memory, so no instances
	if _, err := m.LoadModule(ctx, "empty", module); err != nil {
		t.Fatal(err)
	}
	if _, err := m.LoadModule(ctx, "empty", module); err == nil || errors.Is(err, ErrNoCode) {
		t.Errorf("a module of no runtime: got %v", err)
	}
	if len(m.loaded) != 1 {
		t.Errorf("the code of %d programs is kept, want one", len(m.loaded))
	}
}

// FuzzSumAround: whatever is in an entry, its sum takes no more than to read it, and is the same when the checksums are
// behind it.
func FuzzSumAround(f *testing.F) {
	entry := []byte(entryMagic + "\x03dev\x01\x00\x00\x00" + "\x02\x00\x00\x00\x00\x00\x00\x00" + "\x04\x00\x00\x00\x00\x00\x00\x00code" + "sum, tables")
	if _, err := sumAround(bytes.NewReader(entry), int64(len(entry))); err != nil {
		f.Fatal(err)
	}
	f.Add(entry)
	f.Add(entry[:30])
	f.Add([]byte(entryMagic + "\xff"))
	f.Add([]byte(entryMagic + "\x00\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte(entryMagic + "\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sum, err := sumAround(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if again, err := sumAround(bytes.NewReader(append(b, "checksum"...)), int64(len(b))); err != nil || again != sum {
			t.Errorf("got %x, then %x, %v", sum, again, err)
		}
	})
}
