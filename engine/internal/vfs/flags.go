package vfs

// Flags of OpenFile. The numbers are Linux's generic ones, which Emscripten's
// libc uses; the host's differ and are translated.
const (
	O_RDONLY    int = 0
	O_WRONLY    int = 0o1
	O_RDWR      int = 0o2
	O_ACCMODE   int = 0o3 // the bits that hold one of the three above
	O_CREAT     int = 0o100
	O_EXCL      int = 0o200
	O_TRUNC     int = 0o1000
	O_APPEND    int = 0o2000
	O_NONBLOCK  int = 0o4000
	O_DSYNC     int = 0o10000
	O_DIRECT    int = 0o40000
	O_DIRECTORY int = 0o200000
	O_NOFOLLOW  int = 0o400000
	O_CLOEXEC   int = 0o2000000
	O_SYNC      int = 0o4010000
)

// Bits of Stat.Mode.
const (
	S_IFMT   uint32 = 0o170000 // the bits that hold one of the types below
	S_IFSOCK uint32 = 0o140000
	S_IFLNK  uint32 = 0o120000
	S_IFREG  uint32 = 0o100000
	S_IFBLK  uint32 = 0o060000
	S_IFDIR  uint32 = 0o040000
	S_IFCHR  uint32 = 0o020000
	S_IFIFO  uint32 = 0o010000

	permBits uint32 = 0o777
)

// Values of File.Advise.
const (
	POSIX_FADV_NORMAL     = 0
	POSIX_FADV_RANDOM     = 1
	POSIX_FADV_SEQUENTIAL = 2
	POSIX_FADV_WILLNEED   = 3
	POSIX_FADV_DONTNEED   = 4
	POSIX_FADV_NOREUSE    = 5
)

// Special values of Timespec.Nsec for Utimes: the current time, and no change.
const (
	UTIME_NOW  int64 = 0x3fffffff
	UTIME_OMIT int64 = 0x3ffffffe
)

func readable(flag int) bool { return flag&O_ACCMODE != O_WRONLY }

func writable(flag int) bool { return flag&O_ACCMODE != O_RDONLY }

// changes reports whether an open with the flag may change the file system.
func changes(flag int) bool { return writable(flag) || flag&(O_CREAT|O_TRUNC) != 0 }
