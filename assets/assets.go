// Package assets holds what is built into the program: the archive of the PostgreSQL runtime, which make runtime makes
// and git ignores. A program that was built before there was an archive has none, and says so when one is wanted.
package assets

import (
	"embed"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"sync"
)

// The text file is there always, so that the pattern matches in a fresh checkout.
//
//go:embed pglite-runtime.*t*[tz]
var files embed.FS

// ArchiveName is the archive's file name.
const ArchiveName = "pglite-runtime.tar.xz"

// Archive is the embedded archive. Each has a reading position of its own.
type Archive interface {
	io.ReadSeeker
	io.ReaderAt
	io.Closer
}

// Open opens the embedded archive. ok is false when the program was built without one. Safe for concurrent use.
func Open() (archive Archive, ok bool) {
	f, err := files.Open(ArchiveName)
	if err != nil {
		return nil, false
	}
	archive, ok = f.(Archive)
	return archive, ok
}

// CodeSums returns the SHA-256 sums of the files of machine code that the embedded archive has, by their names. The
// runtime's build has written them beside the archive.
var CodeSums = sync.OnceValue(func() map[string]string {
	sums := map[string]string{}
	text, err := files.ReadFile(codeName)
	if err != nil {
		return sums // an archive without machine code
	}
	for line := range strings.Lines(string(text)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			sums[name] = sum
		}
	}
	return sums
})

// codeName has the sums as sha256sum writes them.
const codeName = "pglite-runtime.code.txt"

// Sum returns the SHA-256 of the embedded archive in hexadecimal, as scripts/archive-sum has written it before the
// program was built. It is empty when that was not run, or when the archive has changed since: its size and its last
// bytes, which hold the checksum of its content, have to be those that were written with the sum.
var Sum = sync.OnceValue(func() string {
	text, err := files.ReadFile(sumName)
	if err != nil {
		return ""
	}
	archive, ok := Open()
	if !ok {
		return ""
	}
	defer archive.Close()
	return checkedSum(string(text), archive)
})

// sumName has the sum, the size and the last bytes of the archive.
const sumName = "pglite-runtime.sum.txt"

// checkedSum returns the sum in text if size and last bytes are those of the archive.
func checkedSum(text string, archive Archive) string {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return ""
	}
	size, err := archive.Seek(0, io.SeekEnd)
	end, e := hex.DecodeString(fields[2])
	if err != nil || e != nil || fields[1] != strconv.FormatInt(size, 10) || int64(len(end)) > size || len(end) == 0 {
		return ""
	}
	last := make([]byte, len(end))
	if _, err := archive.ReadAt(last, size-int64(len(end))); err != nil || string(last) != string(end) {
		return ""
	}
	return fields[0]
}
