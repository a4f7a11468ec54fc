package vfs

import (
	"bytes"
	"encoding/binary"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func datasyncFile(f *os.File) error { return control(f, unix.Fdatasync) }

// allocateFile reserves the space, and writes it where the file system has no
// means to reserve (as glibc does).
func allocateFile(f *os.File, off, length int64) error {
	err := control(f, func(fd int) error { return unix.Fallocate(fd, 0, off, length) })
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return zeroFill(f, off+length)
	}
	return err
}

func adviseFile(f *os.File, off, length int64, advice int) error {
	return control(f, func(fd int) error { return unix.Fadvise(fd, off, length, advice) })
}

// utimesFile is futimens; UTIME_NOW and UTIME_OMIT are the guest's numbers too.
func utimesFile(f *os.File, atim, mtim Timespec, _ func() time.Time) error {
	times := [2]unix.Timespec{{Sec: atim.Sec, Nsec: atim.Nsec}, {Sec: mtim.Sec, Nsec: mtim.Nsec}}
	return control(f, func(fd int) error {
		_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
		if errno != 0 {
			return errno
		}
		return nil
	})
}

// direntHeader is the length of struct linux_dirent64 before the name: inode 8
// bytes, offset 8, record length 2, type 1.
const direntHeader = 19

// readDirFile asks getdents64 itself, because os.File.ReadDir does not keep the
// inode numbers.
func readDirFile(f *os.File) ([]DirEntry, error) {
	var entries []DirEntry
	buf := make([]byte, 32<<10)
	err := control(f, func(fd int) error {
		for {
			n, err := unix.Getdents(fd, buf)
			if err != nil {
				return err
			}
			if n == 0 {
				return nil
			}
			entries = parseDirents(entries, buf[:n])
		}
	})
	return entries, err
}

func parseDirents(entries []DirEntry, buf []byte) []DirEntry {
	for len(buf) >= direntHeader {
		length := int(binary.NativeEndian.Uint16(buf[16:]))
		if length < direntHeader || length > len(buf) {
			break
		}
		name, _, _ := bytes.Cut(buf[direntHeader:length], []byte{0})
		if s := string(name); s != "." && s != ".." {
			// A DT_ value is the type's bits of st_mode shifted down.
			entries = append(entries, DirEntry{s, binary.NativeEndian.Uint64(buf), uint32(buf[18]) << 12})
		}
		buf = buf[length:]
	}
	return entries
}
