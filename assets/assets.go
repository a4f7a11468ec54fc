// Package assets holds what is built into the program: the archive of the PostgreSQL runtime, which make runtime makes and git
// ignores. A program that was built before there was an archive has none, and says so when one is wanted.
package assets

import (
	"embed"
	"io"
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

// CodeSums returns the SHA-256 sums of the files of machine code that the embedded archive has, by their names. The runtime's build has
// written them beside the archive.
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
