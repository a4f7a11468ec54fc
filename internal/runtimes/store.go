package runtimes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/assets"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/internal/durable"
	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// store is a directory of unpacked runtimes, each in a directory that is named after its archive's key.
//
//	DIR/KEY/            an unpacked archive
//	DIR/KEY/.complete   written last; holds the key
//	DIR/.new-…          one that is being unpacked, or was when its program was killed
//	DIR/.lock           held while unpacking
type store struct {
	dir, key string
	named    bool // the caller has named the directory that dir is in
}

// Names in a directory of unpacked runtimes.
const (
	MarkerName = ".complete"
	NewPrefix  = ".new-"
	LockName   = ".lock"
)

// keySize is how much of an archive's SHA-256 names its content: little, because Windows limits the length of paths.
const keySize = 10

// key returns the name under which the archive's content is stored, the beginning of its SHA-256. That of the embedded
// archive is known since the build.
func (o *Options) key(archive io.ReadSeeker) (string, error) {
	if o.Source == "" {
		if sum := assets.Sum(); len(sum) == 2*sha256.Size {
			return sum[:2*keySize], nil
		}
	}
	return archiveKey(archive)
}

// archiveKey computes what key returns.
func archiveKey(archive io.ReadSeeker) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, archive); err != nil {
		return "", fmt.Errorf("read the runtime's archive: %w", err)
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read the runtime's archive: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:keySize]), nil
}

func (s store) path() string { return filepath.Join(s.dir, s.key) }

// complete reports whether the runtime is there. Looking at the marker suffices: it is written last, and the directory
// gets its name after that.
func (s store) complete() bool {
	b, err := os.ReadFile(filepath.Join(s.path(), MarkerName))
	return err == nil && strings.TrimSpace(string(b)) == s.key
}

// trusted reports whether what is in the store is to be relied on: its programs run here. In a store of our own we have
// made all of it.
func (s store) trusted() error {
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	cache := filepath.Dir(s.dir)
	if err := cachedir.Trusted(cache); err != nil && !s.groups(cache) {
		return err
	}
	if err := cachedir.Trusted(s.dir); err != nil {
		return err
	}
	if cachedir.Own(cache) {
		return cachedir.TrustedIfThere(s.path())
	}
	return cachedir.TrustedTree(s.dir, s.key)
}

// groups reports whether the caller has named a directory of the user's that a group may write to, as the umask 002
// makes them. That is the caller's word, as where it lies is; what the store makes in it must still be the user's
// alone.
func (s store) groups(cache string) bool {
	return s.named && cachedir.OwnOfGroup(cache)
}

// fill unpacks the archive.
func (s store) fill(ctx context.Context, archive io.Reader, progress func(string)) error {
	unlock, err := s.lock(ctx, progress)
	if err != nil {
		return fmt.Errorf("unpack the runtime: %w", err)
	}
	defer unlock()
	if s.complete() { // by the one we waited for
		return nil
	}
	progress("unpacking PostgreSQL (only the first time)")
	dir, err := os.MkdirTemp(s.dir, NewPrefix)
	if err != nil {
		return fmt.Errorf("unpack the runtime: %w", err)
	}
	if err = s.unpackInto(ctx, dir, archive); err != nil {
		_ = os.RemoveAll(dir)
		return fmt.Errorf("unpack the runtime: %w", err)
	}
	return nil
}

// unpackInto unpacks into dir and gives dir its final name.
func (s store) unpackInto(ctx context.Context, dir string, archive io.Reader) error {
	h := sha256.New()
	archive = io.TeeReader(archive, h)
	if err := Unpack(ctx, archive, dir, archiveLimits); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, archive); err != nil { // what is behind the end of the tar file
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)[:keySize]); sum != s.key {
		return fmt.Errorf("the archive's SHA-256 begins with %s and not with %s: it was changed after that was computed", sum, s.key)
	}
	if _, err := runtimeDir(dir); err != nil {
		return errors.New("the archive holds no runtime: it has no manifest.json or no bin/postgres.wasm")
	}
	if err := os.WriteFile(filepath.Join(dir, MarkerName), []byte(s.key+"\n"), 0o600); err != nil {
		return err
	}
	if err := share(dir); err != nil {
		return err
	}
	if err := durable.Tree(ctx, dir); err != nil {
		return err
	}
	return s.publish(dir)
}

// publish gives dir its final name. A runtime that somebody else has finished stays, and dir goes: that happens where
// files cannot be locked. What has the name but no marker goes.
func (s store) publish(dir string) error {
	if !s.complete() {
		if err := discard(s.path()); err != nil {
			return err
		}
		err := durable.Rename(dir, s.path())
		if err == nil || !s.complete() {
			return err
		}
	}
	return os.RemoveAll(dir)
}

// discard removes a directory of the store in two steps, so that nobody finds it half-removed under its name.
func discard(dir string) error {
	gone, err := os.MkdirTemp(filepath.Dir(dir), NewPrefix)
	if err != nil {
		return err
	}
	err = durable.Rename(dir, gone)
	return errors.Join(ignoreMissing(err), os.RemoveAll(gone))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lock waits for the right to unpack and clears away what killed programs left. Where files cannot be locked it goes on
// without: then the work may be done twice, and the first one's result stays.
func (s store) lock(ctx context.Context, progress func(string)) (unlock func(), err error) {
	const pause = 20 * time.Millisecond
	for told := false; ; told = true {
		if err := s.make(); err != nil {
			return nil, err
		}
		f, err := lockStore(s.dir)
		switch {
		case err == nil:
			s.clear()
			return func() { _ = f.Close() }, nil
		case errors.Is(err, fs.ErrNotExist): // the directory has just been removed
		case !errors.Is(err, filelock.ErrBusy):
			if _, e := os.Stat(filepath.Join(s.dir, LockName)); e != nil {
				return nil, err // it could not even be made
			}
			return func() {}, nil
		case !told:
			progress("waiting for another pglite, which unpacks PostgreSQL")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// make makes the store's directory. Others may read what is in it, when the directories above let them.
func (s store) make() error {
	cache := filepath.Dir(s.dir)
	if err := cachedir.Make(cache, sharedMode); err != nil && !s.groups(cache) {
		return err
	}
	return cachedir.Make(s.dir, sharedMode)
}

const sharedMode = 0o755

// share lets others read what is in a directory: nothing in a runtime is secret, and one that root has unpacked is for
// all.
func share(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(sharedMode)
		if !d.IsDir() {
			mode &^= 0o111
		}
		return os.Chmod(name, mode)
	})
}

// lockStore locks a store; closing the file gives the lock up. filelock.ErrBusy when another has it, or has just
// removed it.
func lockStore(dir string) (*os.File, error) {
	name := filepath.Join(dir, LockName)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err = filelock.TryLock(f); err == nil && !filelock.IsOpenAs(f, name) {
		err = filelock.ErrBusy
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// clear removes unfinished directories; the caller holds the lock.
func (s store) clear() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), NewPrefix) {
			_ = os.RemoveAll(filepath.Join(s.dir, e.Name()))
		}
	}
}
