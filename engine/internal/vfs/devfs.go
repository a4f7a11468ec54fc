package vfs

import (
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// DevFS holds the devices null, zero, full, random and urandom. Nothing can be
// made or removed in it. The last two read from crypto/rand, or from Random.
type DevFS struct {
	// Random replaces crypto/rand when it is not nil. It must be safe for concurrent use.
	Random io.Reader

	made time.Time
}

var _ FS = (*DevFS)(nil)

// NewDevFS makes the file system for /dev.
func NewDevFS() *DevFS { return &DevFS{made: time.Now()} }

// device is a kind of character device. Major numbers are all 1.
type device struct {
	minor uint64
	read  func(p []byte) (int, error)
	write func(p []byte) (int, error)

	random bool
}

var devices = map[string]device{
	"null":    {3, readNothing, writeAway, false},
	"zero":    {5, readZeros, writeAway, false},
	"full":    {7, readZeros, writeFull, false},
	"random":  {8, rand.Read, writeAway, true},
	"urandom": {9, rand.Read, writeAway, true},
}

func readNothing([]byte) (int, error) { return 0, nil }

func readZeros(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func writeAway(p []byte) (int, error) { return len(p), nil }

func writeFull(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return 0, errno.ENOSPC
}

const (
	devDevice = memDevice // Stat.Dev
	devRoot   = 1         // inode number of the directory, a device's is minor+devRoot
)

// lookup says what a name is; the root is a device without functions.
func (d *DevFS) lookup(name string) (dev device, isRoot bool, err error) {
	if err := checkName(name); err != nil {
		return device{}, false, err
	}
	if name == "." {
		return device{}, true, nil
	}
	first, _, below := strings.Cut(name, "/")
	dev, ok := devices[first]
	switch {
	case !ok:
		return device{}, false, errno.ENOENT
	case below:
		return device{}, false, errno.ENOTDIR
	}
	return dev, false, nil
}

// OpenFile implements FS.
func (d *DevFS) OpenFile(name string, flag int, _ uint32) (File, error) {
	dev, isRoot, err := d.lookup(name)
	switch {
	case errors.Is(err, errno.ENOENT) && flag&O_CREAT != 0:
		return nil, errno.EACCES
	case err != nil:
		return nil, err
	case flag&(O_CREAT|O_EXCL) == O_CREAT|O_EXCL:
		return nil, errno.EEXIST
	case isRoot && changes(flag):
		return nil, errno.EISDIR
	case isRoot:
		return &fixedDir{stat: d.root(), entries: d.entries()}, nil
	case flag&O_DIRECTORY != 0:
		return nil, errno.ENOTDIR
	}
	if d.Random != nil && dev.random {
		dev.read = d.Random.Read
	}
	return &devFile{fs: d, device: dev, flag: flag}, nil
}

// Stat implements FS.
func (d *DevFS) Stat(name string) (Stat, error) {
	dev, isRoot, err := d.lookup(name)
	switch {
	case err != nil:
		return Stat{}, err
	case isRoot:
		return d.root(), nil
	}
	return dev.stat(d), nil
}

func (d *DevFS) root() Stat { return d.statOf(devRoot, S_IFDIR|0o755, 2, 0) }

func (dev device) stat(d *DevFS) Stat {
	return d.statOf(devRoot+dev.minor, S_IFCHR|0o666, 1, 1<<8|dev.minor)
}

func (d *DevFS) statOf(ino uint64, mode, nlink uint32, rdev uint64) Stat {
	at := TimespecOf(d.made)
	return Stat{
		Dev: devDevice, Ino: ino, Mode: mode, Nlink: nlink, UID: guestUID, GID: guestGID,
		Rdev: rdev, Blksize: 4096, Atim: at, Mtim: at, Ctim: at,
	}
}

// Lstat implements FS.
func (d *DevFS) Lstat(name string) (Stat, error) { return d.Stat(name) }

// refuse is what all that would change names comes to.
func (d *DevFS) refuse(name string) error {
	if _, _, err := d.lookup(name); err != nil {
		return err
	}
	return errno.EPERM
}

func (d *DevFS) refuseNew(name string) error {
	_, _, err := d.lookup(name)
	switch errno.Of(err) {
	case 0:
		return errno.EEXIST
	case errno.ENOENT:
		return errno.EACCES
	}
	return err
}

// Mkdir implements FS.
func (d *DevFS) Mkdir(name string, _ uint32) error { return d.refuseNew(name) }

// Unlink implements FS.
func (d *DevFS) Unlink(name string) error { return d.refuse(name) }

// Rmdir implements FS.
func (d *DevFS) Rmdir(name string) error { return d.refuse(name) }

// Rename implements FS.
func (d *DevFS) Rename(oldName, _ string) error { return d.refuse(oldName) }

// Link implements FS.
func (d *DevFS) Link(oldName, _ string) error { return d.refuse(oldName) }

// Symlink implements FS.
func (d *DevFS) Symlink(_, name string) error { return d.refuseNew(name) }

// Chmod implements FS.
func (d *DevFS) Chmod(name string, _ uint32) error { return d.refuse(name) }

// Utimes implements FS.
func (d *DevFS) Utimes(name string, _, _ Timespec) error { return d.refuse(name) }

// Readlink implements FS.
func (d *DevFS) Readlink(name string) (string, error) {
	if _, _, err := d.lookup(name); err != nil {
		return "", err
	}
	return "", errno.EINVAL
}

// entries lists the devices in order of their names.
func (d *DevFS) entries() []DirEntry {
	var list []DirEntry
	for name, dev := range devices {
		list = append(list, DirEntry{Name: name, Ino: devRoot + dev.minor, Type: S_IFCHR})
	}
	slices.SortFunc(list, func(a, b DirEntry) int { return strings.Compare(a.Name, b.Name) })
	return list
}
