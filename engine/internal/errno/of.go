package errno

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// Of gives the guest's number of a host error: 0 for nil, an [Errno] found
// anywhere in the chain as it is, a system call's number translated, the
// sentinels of os, io, net and context by their meaning, and EIO for the rest.
//
// A deadline set on a net.Conn or os.File (os.ErrDeadlineExceeded) is EAGAIN,
// because that is how a blocking descriptor with a timeout ends (SO_RCVTIMEO);
// a context that has expired is ETIMEDOUT. io.EOF is no error of a system call;
// who reads has to turn it into a count of zero before asking.
func Of(err error) Errno {
	if err == nil {
		return 0
	}
	if n, ok := err.(Errno); ok {
		return n
	}
	var n Errno
	if errors.As(err, &n) {
		return n
	}
	var host syscall.Errno
	if errors.As(err, &host) {
		return ofHost(host)
	}
	return ofSentinel(err)
}

// sentinels are looked through in order, the more special ones first.
var sentinels = []struct {
	err error
	n   Errno
}{
	{os.ErrDeadlineExceeded, EAGAIN},
	{context.DeadlineExceeded, ETIMEDOUT},
	{context.Canceled, ECANCELED},
	{fs.ErrNotExist, ENOENT},
	{fs.ErrExist, EEXIST},
	{fs.ErrPermission, EACCES},
	{fs.ErrInvalid, EINVAL},
	{fs.ErrClosed, EBADF},
	{net.ErrClosed, EBADF},
	{io.ErrClosedPipe, EPIPE},
	{io.ErrNoProgress, EIO},
	{errors.ErrUnsupported, ENOTSUP},
}

func ofSentinel(err error) Errno {
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.n
		}
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return ETIMEDOUT
	}
	return EIO
}
