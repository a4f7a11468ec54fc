//go:build unix

package main

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// nobody gives a directory to the user that native PostgreSQL runs as when root measures.
func nobody(dir string) (*syscall.SysProcAttr, error) {
	found, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(found.Uid)
	gid, _ := strconv.Atoi(found.Gid)
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o711), os.Chown(dir, uid, gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
