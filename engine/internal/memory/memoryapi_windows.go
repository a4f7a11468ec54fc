package memory

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// Flags of memoryapi.h that golang.org/x/sys/windows lacks.
const (
	memReservePlaceholder   = 0x00040000
	memReplacePlaceholder   = 0x00004000
	memCoalescePlaceholders = 0x00000001
	memPreservePlaceholder  = 0x00000002
)

var (
	kernelbase           = windows.NewLazySystemDLL("kernelbase.dll")
	procVirtualAlloc2    = kernelbase.NewProc("VirtualAlloc2")
	procMapViewOfFile3   = kernelbase.NewProc("MapViewOfFile3")
	procUnmapViewOfFile2 = kernelbase.NewProc("UnmapViewOfFile2")
)

// reservePlaceholder reserves size bytes as one placeholder.
func reservePlaceholder(size uint64) (uintptr, error) {
	for _, p := range []*windows.LazyProc{procVirtualAlloc2, procMapViewOfFile3, procUnmapViewOfFile2} {
		if err := p.Find(); err != nil {
			return 0, fmt.Errorf("this needs Windows 10 version 1803 or later: %w", err)
		}
	}
	return virtualAlloc2(0, size, windows.MEM_RESERVE|memReservePlaceholder, windows.PAGE_NOACCESS)
}

// allocate puts a granule of private memory instead of a placeholder of that
// size.
func allocate(at uintptr) error {
	_, err := virtualAlloc2(at, Granule, windows.MEM_RESERVE|windows.MEM_COMMIT|memReplacePlaceholder,
		windows.PAGE_READWRITE)
	return err
}

func virtualAlloc2(at uintptr, size uint64, kind, protect uintptr) (uintptr, error) {
	base, _, err := procVirtualAlloc2.Call(uintptr(windows.CurrentProcess()), at, uintptr(size), kind, protect, 0, 0)
	if base == 0 {
		return 0, fmt.Errorf("VirtualAlloc2: %w", err)
	}
	return base, nil
}

// mapView puts a view instead of a placeholder of exactly its size.
func mapView(section windows.Handle, at uintptr, offset, size uint64) error {
	base, _, err := procMapViewOfFile3.Call(uintptr(section), uintptr(windows.CurrentProcess()), at,
		uintptr(offset), uintptr(size), memReplacePlaceholder, windows.PAGE_READWRITE, 0, 0)
	if base == 0 {
		return fmt.Errorf("MapViewOfFile3: %w", err)
	}
	return nil
}

// toPlaceholder frees a block, private memory or a view, back to a placeholder.
func toPlaceholder(kind blockKind, at uintptr, size uint64) error {
	if kind == view {
		return unmapView(at, memPreservePlaceholder)
	}
	return preservePlaceholder(at, size)
}

// preservePlaceholder frees private memory back to a placeholder, or splits
// size bytes off a placeholder that is larger.
func preservePlaceholder(at uintptr, size uint64) error {
	if err := windows.VirtualFree(at, uintptr(size), windows.MEM_RELEASE|memPreservePlaceholder); err != nil {
		return fmt.Errorf("VirtualFree to a placeholder: %w", err)
	}
	return nil
}

// coalesce makes one placeholder of those that fill exactly size bytes.
func coalesce(at uintptr, size uint64) error {
	if err := windows.VirtualFree(at, uintptr(size), windows.MEM_RELEASE|memCoalescePlaceholders); err != nil {
		return fmt.Errorf("VirtualFree to coalesce placeholders: %w", err)
	}
	return nil
}

// release gives a block back, address space and all.
func release(kind blockKind, at uintptr) error {
	if kind == view {
		return unmapView(at, 0)
	}
	if err := windows.VirtualFree(at, 0, windows.MEM_RELEASE); err != nil {
		return fmt.Errorf("VirtualFree: %w", err)
	}
	return nil
}

func unmapView(at, flags uintptr) error {
	if ok, _, err := procUnmapViewOfFile2.Call(uintptr(windows.CurrentProcess()), at, flags); ok == 0 {
		return fmt.Errorf("UnmapViewOfFile2: %w", err)
	}
	return nil
}
