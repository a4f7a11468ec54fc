// Package controlfile reads and renews what tells a cluster from its copy.
//
// A cluster's identity is its system identifier, in pg_control and at the start of each WAL segment, and the nonce in
// pg_control that hides from strangers which users exist. Copies of the template must not share them: a standby or a
// WAL archive tells clusters apart by the identifier, and the nonce is a secret. Layouts:
// src/include/catalog/pg_control.h and src/include/access/xlog_internal.h.
package controlfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// Name is the control file's path in a data directory.
const Name = "global/pg_control"

// Size is the file's size, PG_CONTROL_FILE_SIZE.
const Size = 8192

// ErrDamaged: the file has another size, or its checksum is wrong.
var ErrDamaged = errors.New("global/pg_control is damaged")

// Offsets in ControlFileData, the same in all versions since 9.4, for a machine that aligns 64-bit integers to 8 bytes,
// as wasm32 does.
const (
	atSystemIdentifier = 0
	atVersion          = 8
	atCatalogVersion   = 12
	atTime             = 24
)

// nonceBeforeCRC is how far mock_authentication_nonce lies before the CRC, by pg_control_version.
var nonceBeforeCRC = map[uint32]int{
	1300: 32, // PostgreSQL 13 to 16
	1700: 32, // 17
	1800: 35, // 18: the nonce follows a bool, so padding follows the nonce
}

const nonceSize = 32

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// File is the content of a control file whose checksum is right.
type File struct {
	bytes []byte
	crcAt int
}

// Parse checks the content of a control file. The checksum is the last field of ControlFileData, whose size depends on
// the version: it is found where it is right. The File keeps b.
func Parse(b []byte) (*File, error) {
	const smallest, largest = 200, 512 // sizeof(ControlFileData) is 288 to 304, and must be at most 512
	if len(b) != Size {
		return nil, fmt.Errorf("%w: it has %d bytes, not %d", ErrDamaged, len(b), Size)
	}
	crc := crc32.Checksum(b[:smallest], castagnoli)
	for at := smallest; at+4 <= largest; at += 4 {
		if binary.LittleEndian.Uint32(b[at:]) == crc {
			return &File{b, at}, nil
		}
		crc = crc32.Update(crc, castagnoli, b[at:at+4])
	}
	return nil, fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
}

// SystemIdentifier returns the cluster's.
func (f *File) SystemIdentifier() uint64 {
	return binary.LittleEndian.Uint64(f.bytes[atSystemIdentifier:])
}

// nonce returns the bytes of mock_authentication_nonce.
func (f *File) nonce() ([]byte, error) {
	version := binary.LittleEndian.Uint32(f.bytes[atVersion:])
	before, ok := nonceBeforeCRC[version]
	if !ok {
		return nil, fmt.Errorf("global/pg_control has version %d, which this pglite does not know", version)
	}
	at := f.crcAt - before
	return f.bytes[at : at+nonceSize], nil
}

// renew sets another identity and the time of the last change.
func (f *File) renew(i *Identity) error {
	nonce, err := f.nonce()
	if err != nil {
		return err
	}
	copy(nonce, i.nonce[:])
	binary.LittleEndian.PutUint64(f.bytes[atSystemIdentifier:], i.system)
	binary.LittleEndian.PutUint64(f.bytes[atTime:], uint64(i.made.Unix()))
	binary.LittleEndian.PutUint32(f.bytes[f.crcAt:], crc32.Checksum(f.bytes[:f.crcAt], castagnoli))
	return nil
}

// newSystemIdentifier makes one as BootStrapXLOG does: seconds, then microseconds, then bits that are different for two
// made at one time; there these are of the process identifier.
func newSystemIdentifier(now time.Time, random uint64) uint64 {
	return uint64(now.Unix())<<32 | uint64(now.Nanosecond()/1000)<<12 | random&0xfff
}
