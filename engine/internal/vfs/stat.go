package vfs

import (
	"math"
	"time"
)

// The guest is this user and group, and so owns every file.
const (
	guestUID = 1000
	guestGID = 1000
)

// Timespec is a point in time as seconds and nanoseconds since 1970.
type Timespec struct {
	Sec, Nsec int64
}

// Time gives the point in time.
func (ts Timespec) Time() time.Time { return time.Unix(ts.Sec, ts.Nsec) }

// TimespecOf is the inverse of Timespec.Time.
func TimespecOf(t time.Time) Timespec {
	return Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
}

func timespecOfNano(ns int64) Timespec { return TimespecOf(time.Unix(0, ns)) }

// nanoOf is UnixNano for any time; what does not fit becomes the nearest that does.
func nanoOf(t time.Time) int64 {
	const limit = math.MaxInt64 / int64(time.Second)
	switch s := t.Unix(); {
	case s >= limit:
		return math.MaxInt64
	case s <= -limit:
		return math.MinInt64
	}
	return t.UnixNano()
}

// resolve turns UTIME_NOW into the time now; ok is false for UTIME_OMIT.
func (ts Timespec) resolve(now func() time.Time) (t time.Time, ok bool) {
	switch ts.Nsec {
	case UTIME_OMIT:
		return time.Time{}, false
	case UTIME_NOW:
		return now(), true
	}
	return ts.Time(), true
}

// valid reports whether the nanoseconds are in range or one of the special values.
func (ts Timespec) valid() bool {
	return ts.Nsec == UTIME_NOW || ts.Nsec == UTIME_OMIT || ts.Nsec >= 0 && ts.Nsec < 1e9
}

// Stat is what POSIX's struct stat holds. Mode has the file's type (S_IFMT) and
// its permissions.
type Stat struct {
	Dev, Ino         uint64
	Mode             uint32
	Nlink            uint32
	UID, GID         uint32
	Rdev             uint64
	Size             int64
	Blksize          int64
	Blocks           int64 // of 512 bytes
	Atim, Mtim, Ctim Timespec
}

// IsDir reports whether it describes a directory.
func (s *Stat) IsDir() bool { return s.Mode&S_IFMT == S_IFDIR }

// IsRegular reports whether it describes a regular file.
func (s *Stat) IsRegular() bool { return s.Mode&S_IFMT == S_IFREG }

// IsSymlink reports whether it describes a symbolic link.
func (s *Stat) IsSymlink() bool { return s.Mode&S_IFMT == S_IFLNK }

// DirEntry is one name in a directory. Type is one of the S_IF values, or 0 when
// the host does not tell.
type DirEntry struct {
	Name string
	Ino  uint64
	Type uint32
}
