package install

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/assets"
	"github.com/pglite-toolbox/pglite/engine"
)

// Manifest returns the manifest of the runtime that Runtime would provide, and unpacks nothing. ErrNoRuntime when there is none.
func Manifest(o RuntimeOptions) (engine.Manifest, error) {
	archive, dir, err := o.open()
	if err != nil {
		return engine.Manifest{}, err
	}
	if archive == nil {
		return engine.ReadManifest(filepath.Join(dir, manifestName))
	}
	defer archive.Close()
	key, err := archiveKey(archive)
	if err != nil {
		return engine.Manifest{}, err
	}
	if s, err := o.find(key); err == nil && s.complete() {
		return engine.ReadManifest(filepath.Join(s.path(), manifestName))
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return engine.Manifest{}, err
	}
	return manifestIn(archive)
}

// Found tells where a runtime is, or will be when it is unpacked.
type Found struct {
	Dir      string
	Unpacked bool
}

// Find tells where Runtime's answer is, and unpacks nothing. ErrNoRuntime when there is none.
func Find(o RuntimeOptions) (Found, error) {
	archive, dir, err := o.open()
	if err != nil || archive == nil {
		return Found{dir, err == nil}, err
	}
	defer archive.Close()
	key, err := archiveKey(archive)
	if err != nil {
		return Found{}, err
	}
	s, err := o.find(key)
	if err != nil {
		return Found{}, err
	}
	return Found{s.path(), s.complete()}, nil
}

// manifestIn reads the manifest in an archive, whose first entry it is.
func manifestIn(archive io.Reader) (engine.Manifest, error) {
	const largest = 1 << 20
	plain, err := decompressed(archive)
	if err != nil {
		return engine.Manifest{}, err
	}
	entries := tar.NewReader(plain)
	header, err := entries.Next()
	if err != nil {
		return engine.Manifest{}, fmt.Errorf("the runtime's archive is damaged: %w", err)
	}
	if strings.TrimPrefix(header.Name, "./") != manifestName {
		return engine.Manifest{}, fmt.Errorf("the archive holds no runtime: its first entry is %q, not manifest.json", header.Name)
	}
	b, err := io.ReadAll(io.LimitReader(entries, largest))
	if err != nil {
		return engine.Manifest{}, fmt.Errorf("the runtime's archive is damaged: %w", err)
	}
	return engine.ParseManifest(b)
}

// open opens the archive, or returns the directory when the source is one.
func (o *RuntimeOptions) open() (archive assets.Archive, dir string, err error) {
	if o.Source == "" {
		archive, ok := assets.Open()
		if !ok {
			return nil, "", ErrNoRuntime
		}
		return archive, "", nil
	}
	info, err := os.Stat(o.Source)
	if err != nil {
		return nil, "", fmt.Errorf("runtime: %w", err)
	}
	if info.IsDir() {
		dir, err := runtimeDir(o.Source)
		return nil, dir, err
	}
	file, err := os.Open(o.Source)
	if err != nil {
		return nil, "", fmt.Errorf("runtime: %w", err)
	}
	return file, "", nil
}

// provide returns the directory into which the archive was unpacked, now or earlier, and marks it as in use.
func (o *RuntimeOptions) provide(ctx context.Context, archive io.ReadSeeker) (string, error) {
	key, err := archiveKey(archive)
	if err != nil {
		return "", err
	}
	s, err := o.find(key)
	if err != nil {
		return "", err
	}
	if err := s.trusted(); err != nil {
		return "", fmt.Errorf("the unpacked runtime is not to be trusted: %w", err)
	}
	const patience, pause = 50, 20 * time.Millisecond // another program may be removing it
	for range patience {
		if s.complete() {
			if use(s.path()) {
				return s.path(), nil
			}
			time.Sleep(pause)
			continue
		}
		if err := s.fill(ctx, archive, o.progress); err != nil {
			return "", err
		}
		if _, err := archive.Seek(0, io.SeekStart); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("unpack the runtime: %q is removed by another program again and again", s.path())
}
