// Package filelock takes operating-system locks on open files. A lock goes with the process that has it, however that ends, so it is
// never stale. Locks of one process on two opened files of one name exclude each other too.
package filelock

import "errors"

// ErrBusy tells that another opened file has the lock.
var ErrBusy = errors.New("the file is locked by another process")
