package memory

import (
	"bytes"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// image is a snapshot of the private pages of a region that has been copied. It
// is mapped copy-on-write into the copies, so that they share what none of
// them writes.
//
// Why no plain copy? An idle backend writes few of the pages it inherits, and
// its memory counts. Measured with BenchmarkFork on linux/amd64, two shared
// cores, for a fork of 650 resident pages (what PostgreSQL's postmaster has)
// and of 5,000; time with the child's writes, and the child's own memory:
//
//	written by the child   plain copy         populated copy     image
//	650 pages, none        1.0 ms, 2.6 MB     0.75 ms, 2.6 MB    0.56 ms, 0
//	650 pages, 150         1.0 ms, 2.6 MB     0.75 ms, 2.6 MB    0.92 ms, 0.6 MB
//	650 pages, all         1.0 ms, 2.6 MB     0.8 ms, 2.6 MB     2.1 ms, 2.6 MB
//	5,000 pages, none      10.2 ms, 20 MB     6.5 ms, 20 MB      3.4 ms, 0
//	5,000 pages, 500       10.2 ms, 20 MB     9-13 ms, 20 MB     4.6 ms, 2 MB
//
// The source pays once, with the memory of the image.
//
// Why does the source keep its own pages? To map the image over them would
// lose what another goroutine (the sender of a signal) writes at that moment.
type image struct {
	file    backing
	extents []span // ranges of the region, sorted; one after the other in file
	content uint64 // bytes that are not zero pages
	mem     []byte // file, mapped
}

// maxExtents bounds the mappings of a copy; Linux allows a program 65,530.
const maxExtents = 32

// extentsOf returns at most about maxExtents ranges within gaps that hold
// content, joining the nearest first.
func extentsOf(content, gaps []span) []span {
	for slack := uint64(Granule); ; slack *= 2 {
		var extents []span
		for _, gap := range gaps {
			extents = append(extents, merge(clip(content, gap), slack)...)
		}
		if len(extents) <= max(maxExtents, len(gaps)) {
			return extents
		}
	}
}

// newImage makes an image of the pages content of mem, all of them in gaps.
func newImage(mem []byte, content, gaps []span) (*image, error) {
	img := &image{extents: extentsOf(content, gaps)}
	var size uint64
	for _, e := range img.extents {
		size += e.len()
	}
	if err := img.open(size); err != nil {
		return nil, fmt.Errorf("make an image of %d bytes: %w", size, err)
	}
	img.eachPage(content, func(off uint64, old []byte) {
		if page := mem[off : off+hostPage]; !bytes.Equal(page, zeroPage[:]) {
			img.content += uint64(copy(old, page))
		}
	})
	return img, nil
}

func (img *image) open(size uint64) error {
	if err := img.file.open(); err != nil {
		return err
	}
	if err := img.file.grow(0, size); err != nil {
		img.file.close()
		return err
	}
	base, err := unix.MmapPtr(img.file.descriptor(), 0, nil, uintptr(size), protection, unix.MAP_SHARED)
	if err != nil {
		img.file.close()
		return fmt.Errorf("mmap: %w", err)
	}
	img.mem = unsafe.Slice((*byte)(base), size)
	return nil
}

func (img *image) close() {
	_ = unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(img.mem)), uintptr(len(img.mem)))
	img.file.close()
}

// end returns the end of the last extent.
func (img *image) end() uint64 { return img.extents[len(img.extents)-1].end }

// mapInto maps the image copy-on-write at its place in a.
func (img *image) mapInto(a *arena) error {
	var fileOff uint64
	for _, e := range img.extents {
		if err := a.mapFile(e, &img.file, fileOff, unix.MAP_PRIVATE|unix.MAP_NORESERVE); err != nil {
			return err
		}
		fileOff += e.len()
	}
	return nil
}

// copyChanged copies the pages content of src that differ from the image to
// dst, where the image is mapped, and returns how many bytes.
func (img *image) copyChanged(dst, src []byte, content []span) (copied uint64) {
	img.eachPage(content, func(off uint64, old []byte) {
		if page := src[off : off+hostPage]; !bytes.Equal(page, old) {
			copied += uint64(copy(dst[off:], page))
		}
	})
	return copied
}

// eachPage calls visit for each page of content, which is sorted, with the
// image's page, a page of zeros where the image has none.
func (img *image) eachPage(content []span, visit func(off uint64, old []byte)) {
	i, fileOff := 0, uint64(0)
	eachPage(content, func(off uint64) {
		for i < len(img.extents) && img.extents[i].end <= off {
			fileOff += img.extents[i].len()
			i++
		}
		if i < len(img.extents) && img.extents[i].off <= off {
			at := fileOff + off - img.extents[i].off
			visit(off, img.mem[at:at+hostPage])
			return
		}
		visit(off, zeroPage[:])
	})
}
