package errno_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// TestNumbers holds a sample of the ABI, written down by hand.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[errno.Errno]uint16{
		errno.EACCES: 2, errno.EAGAIN: 6, errno.EBADF: 8, errno.EEXIST: 20, errno.EINTR: 27,
		errno.EINVAL: 28, errno.EIO: 29, errno.EISDIR: 31, errno.ELOOP: 32, errno.EMFILE: 33,
		errno.ENOENT: 44, errno.ENOSPC: 51, errno.ENOSYS: 52, errno.ENOTDIR: 54, errno.ENOTEMPTY: 55,
		errno.ENOTTY: 59, errno.EPERM: 63, errno.EPIPE: 64, errno.EROFS: 69, errno.EXDEV: 75,
		errno.ENOTSUP: 138,
	} {
		if uint16(n) != want {
			t.Errorf("%s = %d, want %d", n.Name(), n, want)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing")
	_, missing := os.Open(path)
	for _, test := range []struct {
		name string
		err  error
		want errno.Errno
	}{
		{"nil", nil, 0},
		{"itself", errno.EROFS, errno.EROFS},
		{"wrapped itself", fmt.Errorf("open: %w", errno.ELOOP), errno.ELOOP},
		{"real missing file", missing, errno.ENOENT},
		{"PathError", &os.PathError{Op: "open", Path: "x", Err: syscall.EISDIR}, errno.EISDIR},
		{"LinkError", &os.LinkError{Op: "link", Old: "a", New: "b", Err: syscall.EXDEV}, errno.EXDEV},
		{"SyscallError", os.NewSyscallError("fsync", syscall.ENOSPC), errno.ENOSPC},
		{"reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, errno.ECONNRESET},
		{"pipe", &net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, errno.EPIPE},
		{"not exist", fs.ErrNotExist, errno.ENOENT},
		{"exist", fs.ErrExist, errno.EEXIST},
		{"permission", fs.ErrPermission, errno.EACCES},
		{"invalid", fs.ErrInvalid, errno.EINVAL},
		{"closed file", os.ErrClosed, errno.EBADF},
		{"closed conn", net.ErrClosed, errno.EBADF},
		{"closed pipe", io.ErrClosedPipe, errno.EPIPE},
		{"deadline", os.ErrDeadlineExceeded, errno.EAGAIN},
		{"context deadline", context.DeadlineExceeded, errno.ETIMEDOUT},
		{"context", context.Canceled, errno.ECANCELED},
		{"unsupported", errors.ErrUnsupported, errno.ENOTSUP},
		{"unknown number", syscall.Errno(60000), errno.EIO},
		{"unknown", errors.New("something else"), errno.EIO},
	} {
		if got := errno.Of(test.err); got != test.want {
			t.Errorf("%s: Of(%v) = %v, want %v", test.name, test.err, got, test.want)
		}
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n      errno.Errno
		target error
		want   bool
	}{
		{errno.ENOENT, fs.ErrNotExist, true},
		{errno.EEXIST, fs.ErrExist, true},
		{errno.EPERM, fs.ErrPermission, true},
		{errno.ENOSYS, errors.ErrUnsupported, true},
		{errno.ENOENT, fs.ErrExist, false},
		{errno.ENOENT, errno.ENOENT, true},
		{errno.ENOENT, errno.EEXIST, false},
	} {
		if got := errors.Is(test.n, test.target); got != test.want {
			t.Errorf("errors.Is(%v, %v) = %v", test.n, test.target, got)
		}
	}
}

// TestNames makes sure that every number has a text, and no two the same.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[string]errno.Errno{}
	for n := errno.Errno(1); n <= 156; n++ {
		name := n.Name()
		if name == "" {
			continue
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%d and %d are both %s", n, other, name)
		}
		seen[name] = n
	}
	if len(seen) < 120 {
		t.Fatalf("only %d names", len(seen))
	}
	if got, want := errno.Errno(9999).Error(), "errno 9999"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
