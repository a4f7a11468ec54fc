package vfs

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

var hostOnlyFlags = []struct{ guest, host int }{
	{O_DSYNC, unix.O_DSYNC},
	{O_DIRECT, unix.O_DIRECT},
}

// maxTries is how often an open is tried again when the kernel cannot be sure of
// a ".." because something was renamed meanwhile (EAGAIN).
const maxTries = 100

// resolvesBeneath reports whether openat2 is there: Linux 5.6, and no seccomp
// profile in the way.
func resolvesBeneath(dir *os.File) bool {
	return control(dir, func(dirfd int) error {
		fd, err := openBeneath(dirfd, ".", unix.O_PATH, 0)
		if err == nil {
			err = unix.Close(fd)
		}
		return err
	}) == nil
}

// openBeneath opens in one system call what os.Root would walk to. An escape is
// the kernel's EXDEV.
func openBeneath(dirfd int, name string, flag int, perm uint32) (int, error) {
	how := unix.OpenHow{
		Flags:   uint64(flag | unix.O_CLOEXEC | unix.O_LARGEFILE),
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	if flag&unix.O_CREAT != 0 {
		how.Mode = uint64(perm)
	}
	for tries := 0; ; tries++ {
		fd, err := unix.Openat2(dirfd, name, &how)
		switch {
		case err == unix.EINTR, err == unix.EAGAIN && tries < maxTries:
			continue
		case err == unix.EXDEV:
			return -1, ErrEscapes
		}
		return fd, err
	}
}

func (d *DirFS) open(name string, flag int, perm uint32) (*os.File, error) {
	if !d.beneath {
		return d.openRoot(name, flag, perm)
	}
	var fd int
	err := control(d.dir, func(dirfd int) (err error) {
		// Opening a FIFO would wait for its other end, in a system call that nothing can interrupt.
		fd, err = openBeneath(dirfd, name, hostFlag(flag)|unix.O_NONBLOCK, perm)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := settle(fd); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// settle refuses what is neither a file nor a directory, and takes O_NONBLOCK back, so that Go does not look for the
// file in its poller.
func settle(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if !plain(st.Mode) {
		return errno.ENXIO
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags&^unix.O_NONBLOCK)
	return err
}

func (d *DirFS) stat(name string, follow bool) (Stat, error) {
	if !d.beneath {
		return d.statRoot(name, follow)
	}
	flag := unix.O_PATH
	if !follow {
		flag |= unix.O_NOFOLLOW
	}
	var st syscall.Stat_t
	err := control(d.dir, func(dirfd int) error {
		fd, err := openBeneath(dirfd, name, flag, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd) //nolint:errcheck // O_PATH, nothing can be lost
		return syscall.Fstat(fd, &st)
	})
	if err != nil {
		return Stat{}, err
	}
	return statOfHost(&st), nil
}

func statOfHost(st *syscall.Stat_t) Stat {
	return Stat{
		Dev: st.Dev, Ino: st.Ino, Mode: st.Mode, Nlink: uint32(st.Nlink), UID: guestUID, GID: guestGID,
		Rdev: st.Rdev, Size: st.Size, Blocks: st.Blocks,
		Blksize: int64(st.Blksize), //nolint:unconvert // int32 on arm64
		Atim:    Timespec{st.Atim.Sec, st.Atim.Nsec},
		Mtim:    Timespec{st.Mtim.Sec, st.Mtim.Nsec},
		Ctim:    Timespec{st.Ctim.Sec, st.Ctim.Nsec},
	}
}
