package cmd

import (
	"fmt"
	"os"

	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/internal/wire"
)

// record is a file that keeps what goes over the wire.
type record struct {
	*hexdump.CaptureWriter
	file *os.File
}

// privateFile empties or makes a file, which from then on only its owner can read, whatever its mode was. Devices and
// pipes are left as they are.
func privateFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		if info.Mode().Perm()&0o077 != 0 {
			err = f.Chmod(0o600)
		}
		if err == nil {
			err = f.Truncate(0)
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// newRecord begins a file, which only its owner can read.
func newRecord(name string) (*record, error) {
	f, err := privateFile(name)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	w, err := hexdump.NewCaptureWriter(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("record: %w", err)
	}
	return &record{w, f}, nil
}

// close ends the file and reports an error unless there is another already.
func (r *record) close(err *error) {
	written := r.Close()
	closed := r.file.Close()
	for _, e := range []error{written, closed} {
		if e != nil && *err == nil {
			*err = fmt.Errorf("record: %w", e)
		}
	}
}

// recorded returns the cluster with its connections recorded in a file, which end closes; without a name it is the
// cluster itself.
func recorded(db cluster, name string) (_ cluster, end func(*error), err error) {
	if name == "" {
		return db, func(*error) {}, nil
	}
	r, err := newRecord(name)
	if err != nil {
		return db, nil, err
	}
	return &watchedCluster{cluster: db, watch: []wire.Watcher{r}}, r.close, nil
}
