package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
	"github.com/pglite-toolbox/pglite/internal/controlfile"
)

// TemplateDir is the finished cluster in a runtime's directory.
const TemplateDir = "template"

// fillMemory copies the template cluster into memory under an identity of its own, or runs initdb when the runtime has
// no template.
func (g *guest) fillMemory(ctx context.Context, log io.Writer) error {
	template := filepath.Join(g.cfg.Runtime, TemplateDir)
	control, err := os.ReadFile(filepath.Join(template, filepath.FromSlash(controlfile.Name)))
	if errors.Is(err, fs.ErrNotExist) {
		return g.initdb(ctx, nil, log)
	}
	if err != nil {
		return err
	}
	identity, err := controlfile.NewIdentity(control, time.Now())
	if err != nil {
		return err
	}
	if err := g.data.Chmod(".", 0o700); err != nil {
		return err
	}
	return filepath.WalkDir(template, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(template, path)
		if err != nil || name == "." {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			return g.data.Mkdir(name, 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if controlfile.Concerns(name) {
			if err := identity.Renew(name, content); err != nil {
				return err
			}
		}
		return g.writeMemory(name, content)
	})
}

// writeMemory writes a new file. Blocks of zeros stay holes, which take no memory: most of a fresh WAL segment is
// zeros.
func (g *guest) writeMemory(name string, content []byte) error {
	f, err := g.data.OpenFile(name, vfs.O_CREAT|vfs.O_EXCL|vfs.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(int64(len(content))); err != nil {
		return err
	}
	var zeros [8192]byte
	for at := 0; at < len(content); at += len(zeros) {
		block := content[at:min(at+len(zeros), len(content))]
		if bytes.Equal(block, zeros[:len(block)]) {
			continue
		}
		if _, err := f.WriteAt(block, int64(at)); err != nil {
			return err
		}
	}
	return nil
}
