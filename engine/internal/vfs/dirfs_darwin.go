package vfs

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var hostOnlyFlags = []struct{ guest, host int }{
	{O_DSYNC, unix.O_DSYNC},
}

// resolvesBeneath is for Linux; here os.Root walks.
func resolvesBeneath(*os.File) bool { return false }

func (d *DirFS) open(name string, flag int, perm uint32) (*os.File, error) {
	return d.openRoot(name, flag, perm)
}

func (d *DirFS) stat(name string, follow bool) (Stat, error) { return d.statRoot(name, follow) }

func statOfHost(st *syscall.Stat_t) Stat {
	return Stat{
		Dev: uint64(st.Dev), Ino: st.Ino, Mode: uint32(st.Mode), Nlink: uint32(st.Nlink), UID: guestUID, GID: guestGID,
		Rdev: uint64(st.Rdev), Size: st.Size, Blksize: int64(st.Blksize), Blocks: st.Blocks,
		Atim: Timespec{st.Atimespec.Sec, st.Atimespec.Nsec},
		Mtim: Timespec{st.Mtimespec.Sec, st.Mtimespec.Nsec},
		Ctim: Timespec{st.Ctimespec.Sec, st.Ctimespec.Nsec},
	}
}
