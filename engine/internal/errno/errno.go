// Package errno holds the error numbers that a guest program sees.
//
// The numbers are those of Emscripten's libc: WASI's for the errors that WASI
// knows (1 to 76), Emscripten's own from 100 on. They differ from every host's,
// so a host error is never passed through as it is; [Of] translates it.
//
// Everything here is safe for concurrent use.
//
// The sources are wasi/api.h and bits/errno.h of Emscripten's sysroot.
package errno

import (
	"errors"
	"io/fs"
	"strconv"
)

// Errno is an error number of the guest. Zero means success and is never
// returned as an error.
type Errno uint16

// Error gives the symbolic name and what it means.
func (e Errno) Error() string {
	if int(e) < len(descriptions) && descriptions[e].name != "" {
		return descriptions[e].name + ": " + descriptions[e].text
	}
	return "errno " + strconv.Itoa(int(e))
}

// Name is the C name of the number ("ENOENT"), or "" when it has none.
func (e Errno) Name() string {
	if int(e) < len(descriptions) {
		return descriptions[e].name
	}
	return ""
}

// Is makes errors.Is(err, fs.ErrNotExist) and its like true for the numbers
// that mean the same.
func (e Errno) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e == ENOENT
	case fs.ErrExist:
		return e == EEXIST || e == ENOTEMPTY
	case fs.ErrPermission:
		return e == EACCES || e == EPERM
	case fs.ErrInvalid:
		return e == EINVAL
	case errors.ErrUnsupported:
		return e == ENOSYS || e == ENOTSUP
	}
	return false
}
