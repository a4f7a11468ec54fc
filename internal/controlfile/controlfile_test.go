package controlfile

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// made returns a control file as PostgreSQL of that control version lays it out.
func made(version uint32, crcAt int) []byte {
	b := make([]byte, Size)
	for i := range crcAt {
		b[i] = byte(i)
	}
	binary.LittleEndian.PutUint64(b[atSystemIdentifier:], 7)
	binary.LittleEndian.PutUint32(b[atVersion:], version)
	binary.LittleEndian.PutUint32(b[crcAt:], crc32.Checksum(b[:crcAt], castagnoli))
	return b
}

func TestRenew(t *testing.T) {
	t.Parallel()
	for version, crcAt := range map[uint32]int{1300: 288, 1700: 288, 1800: 292} {
		b := made(version, crcAt)
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		i, err := NewIdentity(b, now)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(b)
		if err := i.Renew(Name, b); err != nil {
			t.Fatal(err)
		}
		f, err := Parse(b)
		if err != nil {
			t.Fatalf("version %d: after: %v", version, err)
		}
		if f.SystemIdentifier() != i.system || f.SystemIdentifier() == 7 {
			t.Errorf("version %d: identifier %d", version, f.SystemIdentifier())
		}
		nonce := crcAt - nonceBeforeCRC[version]
		if !bytes.Equal(b[nonce:nonce+nonceSize], i.nonce[:]) {
			t.Errorf("version %d: the nonce is not there", version)
		}
		for at := range b {
			known := at < 8 || at >= atTime && at < atTime+8 || at >= nonce && at < nonce+nonceSize || at >= crcAt && at < crcAt+4
			if b[at] != before[at] && !known {
				t.Errorf("version %d: byte %d changed", version, at)
			}
		}
	}
}

func TestUnknownVersion(t *testing.T) {
	t.Parallel()
	b := made(9999, 288)
	i, err := NewIdentity(b, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Renew(Name, b); err == nil || !strings.Contains(err.Error(), "9999") {
		t.Errorf("error %v", err)
	}
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	good := made(1800, 292)
	change := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	for name, b := range map[string][]byte{
		"empty": nil, "short": good[:100], "one byte short": good[:Size-1], "long": append(bytes.Clone(good), 0),
		"zeros": make([]byte, Size), "first bit": change(0), "in the middle": change(150), "nonce": change(260), "checksum": change(292),
	} {
		if _, err := Parse(b); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(good); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(made(1300, 288))
	f.Add(made(1800, 292))
	f.Add(laidOut(func([]byte) {}))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := Parse(b); err == nil {
			_, _ = c.nonce()
			_ = c.SystemIdentifier()
			_, _ = c.Layout()
		}
	})
}

func TestSegments(t *testing.T) {
	t.Parallel()
	i := &Identity{old: 7, system: 9}
	page := make([]byte, SegmentHeader)
	binary.LittleEndian.PutUint16(page[atInfo:], longHeader)
	binary.LittleEndian.PutUint64(page[atSegmentOf:], 7)
	const name = "pg_wal/000000010000000000000001"
	if err := i.Renew(name, page[:20]); err == nil {
		t.Error("a short page was accepted")
	}
	if err := i.Renew(name, page); err != nil || binary.LittleEndian.Uint64(page[atSegmentOf:]) != 9 {
		t.Errorf("%v, % x", err, page)
	}
	if err := i.Renew(name, page); err == nil {
		t.Error("another cluster's segment was accepted")
	}
	page[atInfo] = 0
	if err := (&Identity{old: 9, system: 10}).Renew(name, page); err == nil {
		t.Error("a page without a long header was accepted")
	}
}

func TestConcerns(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"global/pg_control": true, "pg_wal/000000010000000000000001": true, "pg_wal": false, "pg_wal/archive_status/x": false,
		"base/1/1259": false, "PG_VERSION": false,
	} {
		if got := Concerns(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSystemIdentifier(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	id := newSystemIdentifier(now, 0xfffff)
	if got := time.Unix(int64(id>>32), 0).UTC(); !got.Equal(now.Truncate(time.Second)) {
		t.Errorf("the identifier's time is %v, want %v", got, now)
	}
	if got := id >> 12 & 0xfffff; got != 678_901 {
		t.Errorf("microseconds %d", got)
	}
	if !regexp.MustCompile(`^\d{19}$`).MatchString(fmt.Sprint(id)) {
		t.Errorf("%d does not look like a system identifier", id)
	}
}

// TestNative finds the fields in clusters of native PostgreSQL, whose own pg_controldata tells what is right.
func TestNative(t *testing.T) {
	t.Parallel()
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_controldata")
	clusters, _ := filepath.Glob("/var/lib/postgresql/*/*/" + Name)
	if len(programs) == 0 || len(clusters) == 0 {
		t.Skip("this machine has no native cluster")
	}
	for _, name := range clusters {
		out, err := exec.Command(programs[len(programs)-1], filepath.Dir(filepath.Dir(name))).Output()
		if err != nil {
			t.Skip(err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Skip(err)
		}
		f, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		nonce, err := f.nonce()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{fmt.Sprint(f.SystemIdentifier()), hex.EncodeToString(nonce)} {
			if !strings.Contains(string(out), " "+want+"\n") {
				t.Errorf("%s: pg_controldata does not say %s:\n%s", name, want, out)
			}
		}
	}
}
