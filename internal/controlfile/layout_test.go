package controlfile

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// laidOut is a control file of version 18 with the fields of a 32-bit server.
func laidOut(change func(b []byte)) []byte {
	const at, crcAt = 208, 292
	b := made(1800, crcAt)
	binary.LittleEndian.PutUint32(b[atCatalogVersion:], 202506291)
	binary.LittleEndian.PutUint64(b[at:], math.Float64bits(floatFormat))
	for offset, value := range map[int]uint32{
		atMaxAlign: 8, atBlockSize: 8192, atRelation: 131072, atWALBlock: 8192, atNameDataLen: 64, atIndexKeys: 32, atToastChunk: 1996,
		atLargeObject: 2048, atFloat8ByVal: 0,
	} {
		binary.LittleEndian.PutUint32(b[at+offset:], value)
	}
	change(b)
	binary.LittleEndian.PutUint32(b[crcAt:], crc32.Checksum(b[:crcAt], castagnoli))
	return b
}

func layoutOf(t *testing.T, b []byte) Layout {
	t.Helper()
	f, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	l, err := f.Layout()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestDifference(t *testing.T) {
	t.Parallel()
	ours := layoutOf(t, laidOut(func([]byte) {}))
	for at, want := range map[int]string{
		atSystemIdentifier: "", 208 + 20: "", // the size of WAL segments
		atVersion: "pg_control version 1801, not 1800", atCatalogVersion: "catalog version 202506290, not 202506291",
		208 + atMaxAlign: "maximal alignment 9, not 8", 208 + atBlockSize: "block size 8193, not 8192",
		208 + atRelation: "blocks per segment 131073, not 131072", 208 + atWALBlock: "WAL block size 8193, not 8192",
		208 + atNameDataLen: "length of names 65, not 64", 208 + atIndexKeys: "columns of an index 33, not 32",
		208 + atToastChunk: "size of TOAST chunks 1997, not 1996", 208 + atLargeObject: "size of large-object chunks 2049, not 2048",
		208 + atFloat8ByVal: "64-bit values",
	} {
		other := layoutOf(t, laidOut(func(b []byte) { b[at] ^= 1 }))
		if got := other.Difference(ours); got != want {
			t.Errorf("byte %d changed: %q, want %q", at, got, want)
		}
	}
}

func TestNoLayout(t *testing.T) {
	t.Parallel()
	f, err := Parse(made(1800, 292))
	if err != nil {
		t.Fatal(err)
	}
	if l, err := f.Layout(); err == nil {
		t.Errorf("a file without it has the layout %+v", l)
	}
}

// TestNativeLayout compares with what pg_controldata says of a cluster of native PostgreSQL.
func TestNativeLayout(t *testing.T) {
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
		l := layoutOf(t, b)
		for line, have := range map[string]uint32{
			"pg_control version number": l.ControlVersion, "Catalog version number": l.CatalogVersion, "Maximum data alignment": l.MaxAlign,
			"Database block size": l.BlockSize, "Blocks per segment of large relation": l.RelationSegment, "WAL block size": l.WALBlockSize,
			"Maximum length of identifiers": l.NameDataLen, "Maximum columns in an index": l.IndexMaxKeys,
			"Maximum size of a TOAST chunk": l.ToastChunk, "Size of a large-object chunk": l.LargeObjectBlock,
		} {
			want := regexp.MustCompile(`(?m)^` + line + `: +(\d+)$`).FindSubmatch(out)
			if want == nil || string(want[1]) != strconv.FormatUint(uint64(have), 10) {
				t.Errorf("%s: %s is %d, pg_controldata says %s", name, line, have, want)
			}
		}
		if byValue := regexp.MustCompile(`(?m)^Float8 argument passing: +by value$`).Match(out); byValue != l.Float8ByVal {
			t.Errorf("%s: Float8ByVal is %v", name, l.Float8ByVal)
		}
	}
}
