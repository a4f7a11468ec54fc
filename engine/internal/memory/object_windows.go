package memory

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// backing is an object's memory: sections of the paging file, one after the
// other, since a section cannot grow.
type backing struct{ sections []section }

// section is one of the parts of a backing.
type section struct {
	span   // of the object
	handle windows.Handle
}

func (b *backing) open() error { return nil }

func (b *backing) grow(from, to uint64) error {
	if to == from {
		return nil
	}
	size := to - from
	h, err := windows.CreateFileMapping(windows.InvalidHandle, nil, windows.PAGE_READWRITE, uint32(size>>32),
		uint32(size), nil)
	if err != nil {
		return fmt.Errorf("CreateFileMapping: %w", err)
	}
	b.sections = append(b.sections, section{span{from, to}, h})
	return nil
}

func (b *backing) close() {
	for _, s := range b.sections {
		_ = windows.CloseHandle(s.handle)
	}
	b.sections = nil
}
