package wazero

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// wazero checks the machine code in an entry of its cache, but neither the functions' offsets before it nor the tables
// after it. So an entry gets two checksums more at its end, where wazero does not look: of all of it, and of what is
// around the machine code. The first, which takes 6 ms, is looked at only when wazero has failed.
const entryMagic = "WAZEVO"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errEntry = errors.New("the entry of the cache of compiled code is damaged")

// seal appends the checksums to an entry that wazero has written.
func seal(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	for _, sum := range []func(io.ReaderAt, int64) (uint32, error){sumWhole, sumAround} {
		n, err := sum(f, size)
		if err != nil {
			return err
		}
		if _, err := f.Write(binary.LittleEndian.AppendUint32(nil, n)); err != nil {
			return err
		}
		size += crc32.Size
	}
	return f.Close()
}

// sealed looks whether an entry is as [seal] has left it; without whole the machine code is not read.
func sealed(name string, whole bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		err = ends(f, size, sumAround)
	}
	if err == nil && whole {
		err = ends(f, size-crc32.Size, sumWhole)
	}
	return err
}

// ends looks whether an entry ends, at this size, with its checksum.
func ends(f io.ReaderAt, size int64, checksum func(io.ReaderAt, int64) (uint32, error)) error {
	var want [crc32.Size]byte
	at := max(0, size-crc32.Size)
	if _, err := f.ReadAt(want[:], at); err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	if sum, err := checksum(f, at); err != nil || sum != binary.LittleEndian.Uint32(want[:]) {
		return errors.Join(errEntry, err)
	}
	return nil
}

func sumWhole(f io.ReaderAt, size int64) (uint32, error) { return sumOf(f, 0, size) }

// sumAround is the checksum of an entry of this size without its machine code: a header with the version's length, the
// version, the number of functions, an offset for each, the length of the machine code, that and its checksum, and
// tables.
func sumAround(f io.ReaderAt, size int64) (uint32, error) {
	head := make([]byte, len(entryMagic)+1)
	if _, err := f.ReadAt(head, 0); err != nil || !bytes.HasPrefix(head, []byte(entryMagic)) {
		return 0, fmt.Errorf("%w: it has no header", errEntry)
	}
	at := int64(len(head)) + int64(head[len(entryMagic)])
	var word [8]byte
	if _, err := f.ReadAt(word[:4], at); err != nil {
		return 0, fmt.Errorf("%w: %w", errEntry, err)
	}
	at += 4 + 8*int64(binary.LittleEndian.Uint32(word[:4]))
	if _, err := f.ReadAt(word[:], at); err != nil {
		return 0, fmt.Errorf("%w: %w", errEntry, err)
	}
	at += 8
	code := binary.LittleEndian.Uint64(word[:])
	if at > size || code > uint64(size-at) {
		return 0, fmt.Errorf("%w: it is cut off", errEntry)
	}
	first, err := sumOf(f, 0, at)
	if err != nil {
		return 0, err
	}
	at += int64(code)
	last, err := sumOf(f, at, size-at)
	return crc32.Update(last, castagnoli, binary.LittleEndian.AppendUint32(nil, first)), err
}

// sumOf is the checksum of a part of an entry.
func sumOf(f io.ReaderAt, at, n int64) (uint32, error) {
	h := crc32.New(castagnoli)
	_, err := io.Copy(h, io.NewSectionReader(f, at, n))
	return h.Sum32(), err
}

// intact reports whether a directory has code that wazero may be given. What is damaged is removed, so that wazero does
// not find it: it may be this processor's, among the code for others.
func intact(dir string, whole bool) bool {
	left := 0
	for _, name := range entries(dir) {
		if sealed(name, whole) == nil {
			left++
		} else if os.Remove(name) != nil {
			return false
		}
	}
	return left > 0
}

// entries returns the files of one of wazero's cache directories: they are below its version.
func entries(dir string) []string {
	names, _ := fs.Glob(os.DirFS(dir), "*/*")
	for i, name := range names {
		names[i] = filepath.Join(dir, filepath.FromSlash(name))
	}
	return names
}
