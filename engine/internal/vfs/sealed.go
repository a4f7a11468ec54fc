package vfs

import "github.com/pglite-toolbox/pglite/engine/internal/errno"

// Seal shows a file system in which nothing can be made but what has a name that may allows: anything else fails with
// EACCES.
func Seal(fs FS, may func(name string) bool) FS { return sealed{fs, may} }

type sealed struct {
	FS
	may func(name string) bool
}

// check refuses a name that is not there and may not be.
func (s sealed) check(name string) error {
	if s.may(name) {
		return nil
	}
	if _, err := s.Lstat(name); err != nil {
		return errno.EACCES
	}
	return nil
}

// OpenFile implements FS.
func (s sealed) OpenFile(name string, flag int, perm uint32) (File, error) {
	if flag&O_CREAT != 0 {
		if err := s.check(name); err != nil {
			return nil, err
		}
	}
	return s.FS.OpenFile(name, flag, perm)
}

// Mkdir implements FS.
func (s sealed) Mkdir(name string, perm uint32) error {
	if err := s.check(name); err != nil {
		return err
	}
	return s.FS.Mkdir(name, perm)
}

// Rename implements FS.
func (s sealed) Rename(oldName, newName string) error {
	if err := s.check(newName); err != nil {
		return err
	}
	return s.FS.Rename(oldName, newName)
}

// Link implements FS.
func (s sealed) Link(oldName, newName string) error {
	if err := s.check(newName); err != nil {
		return err
	}
	return s.FS.Link(oldName, newName)
}

// Symlink implements FS.
func (s sealed) Symlink(target, name string) error {
	if err := s.check(name); err != nil {
		return err
	}
	return s.FS.Symlink(target, name)
}
