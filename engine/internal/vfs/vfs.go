// Package vfs is the file tree that the guest sees.
//
// A file system ([FS]) is a directory of the host ([DirFS]), memory ([MemFS]) or
// a handful of devices ([DevFS]). A [Tree] mounts file systems at guest paths and
// resolves absolute guest paths over all of them; it is shared by all processes.
// Descriptors, offsets, the current directory and the umask are the kernel's.
//
// Semantics are Linux's as far as PostgreSQL can tell: an unlinked file lives on
// while it is open, rename replaces, a new file can be created exclusively, appends
// are atomic. Confinement does not depend on the guest's good will: a DirFS never
// leaves its directory, whatever symbolic links the directory holds.
//
// The guest believes that it is user 1000 and owns everything; modes are stored
// and reported, but only the host's own permissions are enforced.
//
// Every error has a number of the guest: errno.Of(err) gives it, and for
// unexpected host errors the chain keeps the cause. Everything is safe for
// concurrent use.
package vfs

// FS is one file system. Names are clean and slash-separated, relative to the
// file system's root ("base/1/1259"; "." is the root itself). A name that is not
// clean, or has a NUL byte, is EINVAL; ENAMETOOLONG is as on Linux.
//
// Symbolic links inside the file system are followed as POSIX says. One that is
// absolute, or leads above the root, cannot be followed by the file system alone:
// the result is [ErrEscapes], and it is for the Tree to resolve it.
type FS interface {
	// OpenFile opens the name with the O_ flags of this package. perm, already
	// without the umask's bits, is the mode of a file that is created.
	OpenFile(name string, flag int, perm uint32) (File, error)

	// Stat describes the file that the name leads to.
	Stat(name string) (Stat, error)

	// Lstat is Stat without following a symbolic link at the end.
	Lstat(name string) (Stat, error)

	// Mkdir makes a directory; EEXIST when there is anything of the name.
	Mkdir(name string, perm uint32) error

	// Unlink removes a name that is no directory (EISDIR). The file itself
	// goes with its last name and its last open File.
	Unlink(name string) error

	// Rmdir removes an empty directory (ENOTEMPTY, ENOTDIR).
	Rmdir(name string) error

	// Rename moves oldName to newName and replaces, in one step, what was
	// there: a file by a file, an empty directory by a directory.
	Rename(oldName, newName string) error

	// Link makes newName a second name of the file oldName.
	Link(oldName, newName string) error

	// Symlink makes name a symbolic link with the text target.
	Symlink(target, name string) error

	// Readlink gives the text of a symbolic link (EINVAL when it is none).
	Readlink(name string) (string, error)

	// Chmod sets the permission bits (the lowest nine; others are dropped).
	Chmod(name string, mode uint32) error

	// Utimes sets the times of last access and modification; see [UTIME_NOW].
	Utimes(name string, atim, mtim Timespec) error
}

// File is an open file or directory. It has no offset. All methods may be called
// at the same time by several goroutines; after Close they fail with EBADF.
type File interface {
	// ReadAt reads at the offset (pread). Fewer bytes than asked for, or none,
	// without an error mean that the file ends there; there is no io.EOF.
	ReadAt(p []byte, off int64) (int, error)

	// WriteAt writes at the offset (pwrite). When it fails, the count says how
	// many bytes were written before. A file opened with O_APPEND appends
	// whatever the offset, as on Linux.
	WriteAt(p []byte, off int64) (int, error)

	// Append writes at the end. Appends of several goroutines never overwrite
	// each other when the file was opened with O_APPEND.
	Append(p []byte) (int, error)

	// Size is the file's length; it costs less than Stat.
	Size() (int64, error)

	// Stat describes the file.
	Stat() (Stat, error)

	// Truncate sets the length; what is new reads as zeros.
	Truncate(size int64) error

	// Sync is fsync: the data and all that is known about the file are on
	// stable storage when it returns nil. It works for directories too.
	Sync() error

	// Datasync is fdatasync.
	Datasync() error

	// Allocate is posix_fallocate: the space of the range is there and the
	// file at least as long as the range's end, or an error (ENOSPC).
	Allocate(off, length int64) error

	// Advise is posix_fadvise. Nothing happens where the host has no such call.
	Advise(off, length int64, advice int) error

	// ReadDir lists the whole directory without "." and ".." (ENOTDIR). On
	// Windows the entries have no inode numbers.
	ReadDir() ([]DirEntry, error)

	// Chmod sets the permission bits.
	Chmod(mode uint32) error

	// Utimes sets the times of last access and modification.
	Utimes(atim, mtim Timespec) error

	// Close ends the use of the file. Each further Close is EBADF.
	Close() error
}

// Stream is what a File also is when it is a character device: it is read and
// written without an offset, and its ReadAt, WriteAt and Append do the same.
type Stream interface {
	// Read reads what the device has next. Zero bytes without an error are its end.
	Read(p []byte) (int, error)

	// Write writes to the device.
	Write(p []byte) (int, error)
}
