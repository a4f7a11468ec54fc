package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// knownSum returns the SHA-256 of a module of the runtime without reading 13 MB, which takes a tenth of the start. It is in the cache
// when the file has not changed since the last time; else it is "".
func (s *programs) knownSum(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	b, err := os.ReadFile(s.memoName(file))
	identity, sum, ok := strings.Cut(strings.TrimSpace(string(b)), " ")
	if err != nil || !ok || len(sum) != 2*sha256.Size || identity == "" || identity != s.identity(info) {
		return ""
	}
	return sum
}

// read reads a module of the runtime and keeps its SHA-256 for the next time, unless the file may be changing.
func (s *programs) read(file string) (sum string, module []byte, err error) {
	f, err := os.Open(file) // another may get its name at any time
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, before.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(f); err != nil {
		return "", nil, err
	}
	after, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	h := sha256.Sum256(b.Bytes())
	sum = hex.EncodeToString(h[:])
	identity, memo := s.identity(before), s.memoName(file)
	if identity != "" && identity == s.identity(after) && memo != "" && settled(before) {
		keep(memo, fmt.Appendf(nil, "%s %s\n", identity, sum))
	}
	return sum, b.Bytes(), nil
}

// identity tells one state of a module's file from others, "" when nothing does. The manifest names the sums of all modules, so that no
// other runtime is taken for this one where [fileIdentity] is not to be relied on.
func (s *programs) identity(info os.FileInfo) string {
	file := fileIdentity(info)
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(s.dir), "manifest.json"))
	if err != nil || file == "" {
		return ""
	}
	sum := sha256.Sum256(manifest)
	return file + ":" + hex.EncodeToString(sum[:])
}

// settled reports whether a later change of the file is sure to have another time. It was looked at before it was read.
func settled(info os.FileInfo) bool {
	const grain = 2 * time.Second // of the times of the coarsest file systems
	return time.Since(changed(info)) > grain
}

// memoName names the file that has a module's sum, "" when nothing is kept.
func (s *programs) memoName(file string) string {
	if s.cache == "" {
		return ""
	}
	const enough = 16
	sum := sha256.Sum256([]byte(file))
	return filepath.Join(s.cache, "modules", hex.EncodeToString(sum[:enough])+".sum")
}
