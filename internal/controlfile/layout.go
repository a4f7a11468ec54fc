package controlfile

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Layout is what two builds of PostgreSQL must have in common for the one to read the other's files: the fields of
// ControlFileData that ReadControlFile (src/backend/access/transam/xlog.c) compares. The size of WAL segments is not
// among them.
type Layout struct {
	ControlVersion   uint32 // pg_control_version
	CatalogVersion   uint32 // catalog_version_no
	MaxAlign         uint32
	BlockSize        uint32 // blcksz
	RelationSegment  uint32 // relseg_size, in blocks
	WALBlockSize     uint32 // xlog_blcksz
	NameDataLen      uint32
	IndexMaxKeys     uint32
	ToastChunk       uint32 // toast_max_chunk_size
	LargeObjectBlock uint32 // loblksize
	Float8ByVal      bool   // a Datum has 64 bits, as all 64-bit builds have it
}

// floatFormat is the constant in ControlFileData by which PostgreSQL knows its floating-point format; what Layout has
// lies around it.
const floatFormat = 1234567.0

// Offsets from floatFormat; blcksz comes right after it.
const (
	atMaxAlign    = -4
	atBlockSize   = 8
	atRelation    = 12
	atWALBlock    = 16
	atNameDataLen = 24
	atIndexKeys   = 28
	atToastChunk  = 32
	atLargeObject = 36
	atFloat8ByVal = 40
)

// Layout returns the file's. It fails when the file has none that we know, as on a machine with other floating-point
// numbers.
func (f *File) Layout() (Layout, error) {
	at, err := f.floatAt()
	if err != nil {
		return Layout{}, err
	}
	number := func(offset int) uint32 { return binary.LittleEndian.Uint32(f.bytes[at+offset:]) }
	return Layout{
		ControlVersion: binary.LittleEndian.Uint32(f.bytes[atVersion:]), CatalogVersion: binary.LittleEndian.Uint32(f.bytes[atCatalogVersion:]),
		MaxAlign: number(atMaxAlign), BlockSize: number(atBlockSize), RelationSegment: number(atRelation), WALBlockSize: number(atWALBlock),
		NameDataLen: number(atNameDataLen), IndexMaxKeys: number(atIndexKeys), ToastChunk: number(atToastChunk),
		LargeObjectBlock: number(atLargeObject), Float8ByVal: f.bytes[at+atFloat8ByVal] != 0,
	}, nil
}

// floatAt finds floatFormat.
func (f *File) floatAt() (int, error) {
	const first, align = 64, 4
	for at := first; at+atFloat8ByVal < f.crcAt; at += align {
		if binary.LittleEndian.Uint64(f.bytes[at:]) == math.Float64bits(floatFormat) {
			return at, nil
		}
	}
	return 0, fmt.Errorf("global/pg_control has no layout that this pglite knows")
}

// Difference names the first thing in which l is not as a reader wants it, "" when there is none.
func (l Layout) Difference(want Layout) string {
	for _, field := range []struct {
		name       string
		have, want uint32
	}{
		{"pg_control version", l.ControlVersion, want.ControlVersion},
		{"catalog version", l.CatalogVersion, want.CatalogVersion},
		{"maximal alignment", l.MaxAlign, want.MaxAlign},
		{"block size", l.BlockSize, want.BlockSize},
		{"blocks per segment", l.RelationSegment, want.RelationSegment},
		{"WAL block size", l.WALBlockSize, want.WALBlockSize},
		{"length of names", l.NameDataLen, want.NameDataLen},
		{"columns of an index", l.IndexMaxKeys, want.IndexMaxKeys},
		{"size of TOAST chunks", l.ToastChunk, want.ToastChunk},
		{"size of large-object chunks", l.LargeObjectBlock, want.LargeObjectBlock},
	} {
		if field.have != field.want {
			return fmt.Sprintf("%s %d, not %d", field.name, field.have, field.want)
		}
	}
	if l.Float8ByVal != want.Float8ByVal {
		return map[bool]string{true: "64-bit values", false: "32-bit values"}[l.Float8ByVal]
	}
	return ""
}
