package runtimes

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ManifestName is the file in a runtime's directory that says what it is.
const ManifestName = "manifest.json"

// Manifest returns the text of the manifest of the runtime that Provide would return, and unpacks nothing.
func Manifest(o Options) ([]byte, error) {
	archive, dir, err := o.open()
	if err != nil {
		return nil, err
	}
	if archive == nil {
		return os.ReadFile(filepath.Join(dir, ManifestName))
	}
	defer archive.Close()
	key, err := o.key(archive)
	if err != nil {
		return nil, err
	}
	if s, err := o.find(key); err == nil && s.complete() {
		return os.ReadFile(filepath.Join(s.path(), ManifestName))
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return manifestIn(archive)
}

// manifestIn reads the manifest in an archive, whose first entry it is.
func manifestIn(archive io.Reader) ([]byte, error) {
	const largest = 1 << 20
	plain, err := decompressed(archive)
	if err != nil {
		return nil, err
	}
	entries := tar.NewReader(plain)
	header, err := entries.Next()
	if err != nil {
		return nil, fmt.Errorf("the runtime's archive is damaged: %w", err)
	}
	if strings.TrimPrefix(header.Name, "./") != ManifestName {
		return nil, fmt.Errorf("the archive holds no runtime: its first entry is %q, not %s", header.Name, ManifestName)
	}
	b, err := io.ReadAll(io.LimitReader(entries, largest))
	if err != nil {
		return nil, fmt.Errorf("the runtime's archive is damaged: %w", err)
	}
	return b, nil
}
