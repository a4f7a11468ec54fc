package memory

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// advise tells the kernel how private memory is used. Huge pages would make
// 2 MiB resident for each part of memory that a process touches (650 pages in
// runs of 16 took 23 MB instead of 2.6), and core dumps of gigabytes of
// address space help nobody. Both are advice: a kernel without them works too.
func (a *arena) advise(s span) {
	b := a.bytes()[s.off:s.end]
	_ = unix.Madvise(b, unix.MADV_NOHUGEPAGE)
	_ = unix.Madvise(b, unix.MADV_DONTDUMP)
}

// Bits of an entry of /proc/PID/pagemap
// (Documentation/admin-guide/mm/pagemap.rst).
const (
	pagemapFile    = 1 << 61 // of a file, or shared
	pagemapSwapped = 1 << 62
	pagemapPresent = 1 << 63
)

// openPagemap opens the page tables of this program once. mincore(2) will not
// do: it does not report pages that were swapped out, which hold data too.
var openPagemap = sync.OnceValues(func() (*os.File, error) {
	return os.Open("/proc/self/pagemap")
})

var pagemapBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// touched calls visit with the ranges of s that have private pages, in order.
// Where the page tables cannot be read (no /proc), that is all of s.
func (a *arena) touched(s span, visit func(span)) error {
	f, err := openPagemap()
	if err != nil {
		visit(s)
		return nil
	}
	buf := pagemapBuffers.Get().(*[64 << 10]byte)
	defer pagemapBuffers.Put(buf)
	pageSize := uint64(os.Getpagesize())
	run := span{s.off, s.off}
	for off := s.off; off < s.end; {
		pages := min((s.end-off)/pageSize, uint64(len(buf)/8))
		entries := buf[:pages*8]
		if _, err := f.ReadAt(entries, int64((uint64(uintptr(a.base))+off)/pageSize*8)); err != nil {
			return fmt.Errorf("read page tables: %w", err)
		}
		for ; len(entries) > 0; entries, off = entries[8:], off+pageSize {
			if e := binary.NativeEndian.Uint64(entries); e&(pagemapPresent|pagemapSwapped) == 0 || e&pagemapFile != 0 {
				continue
			}
			if off != run.end {
				emit(run, visit)
				run.off = off
			}
			run.end = off + pageSize
		}
	}
	emit(run, visit)
	return nil
}
