package vfs

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// utimesFile is futimes: what is not to change is read and written back.
func utimesFile(f *os.File, atim, mtim Timespec, now func() time.Time) error {
	st, err := statFile(f)
	if err != nil {
		return err
	}
	times := make([]unix.Timeval, 0, 2)
	for _, t := range []struct{ wanted, old Timespec }{{atim, st.Atim}, {mtim, st.Mtim}} {
		at, ok := t.wanted.resolve(now)
		if !ok {
			at = t.old.Time()
		}
		times = append(times, unix.NsecToTimeval(at.UnixNano()))
	}
	return control(f, func(fd int) error { return unix.Futimes(fd, times) })
}
