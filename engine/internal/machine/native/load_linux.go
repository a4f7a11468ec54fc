//go:build amd64 || arm64

package native

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// code is a file of machine code in memory. It stays until the program ends: all engines share it.
type code struct {
	*file
	base unsafe.Pointer
}

// at returns the address of a place in the file.
func (c *code) at(place uint64) uintptr { return uintptr(c.base) + uintptr(place) }

// mapped has all code by the sum of its file.
var mapped = struct {
	sync.Mutex
	codes map[string]*code
}{codes: map[string]*code{}}

// Load implements [machine.Engine]. The error is [ErrNoCode] when the runtime has no code for this processor; after any other error too,
// another engine may load the program.
func (e *Engine) Load(_ context.Context, source machine.Source, _ func(string)) (kernel.Program, error) {
	p, err := e.load(source)
	if err != nil {
		return nil, fmt.Errorf("machine code of %s: %w", source.Name, err)
	}
	return p, nil
}

func (e *Engine) load(source machine.Source) (*Program, error) {
	f, err := os.Open(fileOf(source))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoCode
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := e.Expect(source.Name); err != nil {
		return nil, err
	}
	c, err := codeOf(f, e.cfg.Sums[FileName(source.Name)])
	if err != nil {
		return nil, err
	}
	return e.link(source.Name, c)
}

// Expect returns why a program's machine code cannot run in this process, whatever its file is; nil when it can. It loads nothing.
func (e *Engine) Expect(program string) error {
	if err := processor(); err != nil {
		return err
	}
	if e.cfg.Sums[FileName(program)] == "" {
		return errors.New("this pglite was not built with the runtime that has it, so it is not trusted")
	}
	return checkSpace()
}

// Close implements [machine.Engine]. Code stays mapped for other engines.
func (*Engine) Close() error { return nil }

// codeOf maps a file whose sum is the wanted one, unless it is mapped already.
func codeOf(f *os.File, want string) (*code, error) {
	mapped.Lock()
	defer mapped.Unlock()
	if c := mapped.codes[want]; c != nil {
		return c, nil
	}
	content, err := mapChecked(f, want)
	if err != nil {
		return nil, err
	}
	c, err := register(content)
	if err != nil {
		_ = unix.Munmap(content)
		return nil, err
	}
	mapped.codes[want] = c
	return c, nil
}

// register reads the description of code in memory, and makes its faults traps.
func register(content []byte) (*code, error) {
	f, err := readFile(byteReader(content), runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	if f.size > uint64(len(content)) || max(f.resume, f.thunk, f.fault) >= f.size {
		return nil, errors.New("it is cut off")
	}
	c := &code{file: f, base: unsafe.Pointer(unsafe.SliceData(content))}
	if err := catchFaults(c.at(0), c.at(f.size), c.at(f.fault)); err != nil {
		return nil, err
	}
	return c, nil
}

// byteReader is an io.ReaderAt of bytes in memory.
type byteReader []byte

func (b byteReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(b)) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
}

// mapChecked maps a file, readable and executable, if it has the sum.
func mapChecked(f *os.File, want string) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !onlyOurs(info) {
		return copyChecked(f, info.Size(), want)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, info.Size())); err != nil {
		return nil, err
	}
	if err := checkSum(h.Sum(nil), want); err != nil {
		return nil, err
	}
	content, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE)
	if err != nil { // such as on a file system that is mounted with noexec
		return copyChecked(f, info.Size(), want)
	}
	return content, nil
}

// onlyOurs reports whether nobody but this user and root can write to a file.
func onlyOurs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && (st.Uid == 0 || int(st.Uid) == os.Geteuid()) && info.Mode().IsRegular() && info.Mode().Perm()&0o022 == 0
}

// copyChecked copies a file to memory, checks its sum there and makes it executable.
func copyChecked(f *os.File, size int64, want string) (content []byte, err error) {
	const most = 1 << 30
	if size <= 0 || size > most {
		return nil, fmt.Errorf("its file has %d bytes", size)
	}
	content, err = unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	defer func() {
		if err != nil {
			_ = unix.Munmap(content)
		}
	}()
	if _, err := io.ReadFull(io.NewSectionReader(f, 0, size), content); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	if err := checkSum(sum[:], want); err != nil {
		return nil, err
	}
	if err := unix.Mprotect(content, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		return nil, fmt.Errorf("mprotect: %w", err)
	}
	return content, nil
}

func checkSum(sum []byte, want string) error {
	if got := hex.EncodeToString(sum); got != want {
		return fmt.Errorf("its file has the SHA-256 %s, this pglite was built with %s", got, want)
	}
	return nil
}
