package install

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/durable"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// copyTemplate copies the template cluster into dir, an empty directory, under an identity and with a time zone of its
// own, and syncs it.
func copyTemplate(ctx context.Context, template, dir, zone string) error {
	control, err := os.ReadFile(filepath.Join(template, filepath.FromSlash(controlfile.Name)))
	if err != nil {
		return fmt.Errorf("read the template cluster: %w", err)
	}
	identity, err := controlfile.NewIdentity(control, time.Now())
	if err != nil {
		return fmt.Errorf("read the template cluster: %w", err)
	}
	c := &copier{from: template, to: dir, identity: identity, zone: zone}
	c.buffers.New = func() any { b := make([]byte, 128<<10); return &b }
	files, err := c.list()
	if err != nil {
		return fmt.Errorf("read the template cluster: %w", err)
	}
	const atOnce = 8
	if err := durable.Parallel(ctx, atOnce, files, c.file); err != nil {
		return fmt.Errorf("copy the template cluster: %w", err)
	}
	// All is written before the first is synced: then the file system commits most of the names at once.
	return durable.Tree(ctx, dir)
}

// copier copies a cluster. Its methods are safe for concurrent use.
type copier struct {
	from, to string
	zone     string // of postgresql.conf; "" leaves it as it is
	identity *controlfile.Identity
	buffers  sync.Pool // of *[]byte
	noClone  atomic.Bool
}

// list makes the directories and lists the files, relative to the template.
func (c *copier) list() (files []string, err error) {
	err = filepath.WalkDir(c.from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(c.from, name)
		if err != nil {
			return err
		}
		if !d.IsDir() {
			files = append(files, rel)
			return nil
		}
		if rel == "." {
			return nil
		}
		return os.Mkdir(filepath.Join(c.to, rel), 0o700)
	})
	return files, err
}

// file copies a file, and gives it the new identity where it has one.
func (c *copier) file(rel string) error {
	from, to := filepath.Join(c.from, rel), filepath.Join(c.to, rel)
	switch slash := filepath.ToSlash(rel); {
	case slash == controlfile.Name:
		return c.rewrite(from, to, c.controlFile)
	case slash == "postgresql.conf" && c.zone != "":
		return c.rewrite(from, to, c.configuration)
	case controlfile.Concerns(slash):
		return c.rewrite(from, to, c.walSegment)
	}
	if !c.noClone.Load() {
		if cloneFile(from, to) {
			return nil
		}
		c.noClone.Store(true) // most file systems cannot, and asking for each file takes time
	}
	return c.rewrite(from, to, c.plain)
}

// rewrite lets copy write a new file.
func (c *copier) rewrite(fromName, toName string, copy func(from, to *os.File) error) error {
	from, err := os.Open(fromName)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(toName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = copy(from, to)
	if e := to.Close(); err == nil {
		err = e
	}
	return err
}

func (c *copier) controlFile(from, to *os.File) error {
	b, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if err := c.identity.Renew(controlfile.Name, b); err != nil {
		return err
	}
	_, err = to.Write(b)
	return err
}

// walSegment copies a WAL segment. Its space is reserved, so that writing WAL later cannot find the disk full.
func (c *copier) walSegment(from, to *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	header := make([]byte, controlfile.SegmentHeader)
	if _, err := io.ReadFull(from, header); err != nil {
		return err
	}
	if err := c.identity.Renew("pg_wal/"+filepath.Base(from.Name()), header); err != nil {
		return err
	}
	reserved := reserve(to, info.Size())
	buffer := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buffer)
	content := io.MultiReader(bytes.NewReader(header), from)
	if !reserved {
		_, err = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{content}, *buffer)
		return err
	}
	return runtimes.WriteSparse(to, content, *buffer)
}

// plain copies a file as it is.
func (c *copier) plain(from, to *os.File) error {
	buffer := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buffer)
	_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, *buffer)
	return err
}
