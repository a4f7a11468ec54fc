package controlfile

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Identity is what a copy of a cluster gets. It does not change, so it is safe for concurrent use.
type Identity struct {
	old, system uint64
	nonce       [nonceSize]byte
	made        time.Time
}

// NewIdentity makes an identity for a copy of the cluster whose control file is given.
func NewIdentity(control []byte, now time.Time) (*Identity, error) {
	f, err := Parse(control)
	if err != nil {
		return nil, err
	}
	var random [8]byte
	i := &Identity{old: f.SystemIdentifier(), made: now}
	_, _ = rand.Read(random[:]) // never fails
	_, _ = rand.Read(i.nonce[:])
	i.system = newSystemIdentifier(now, binary.LittleEndian.Uint64(random[:]))
	return i, nil
}

// Concerns reports whether the file of that name, relative to the data directory and with slashes, tells who the
// cluster is.
func Concerns(name string) bool { return name == Name || isSegment(name) }

func isSegment(name string) bool {
	rest, ok := strings.CutPrefix(name, "pg_wal/")
	return ok && !strings.Contains(rest, "/")
}

// Offsets in XLogLongPageHeaderData.
const (
	atInfo      = 2  // xlp_info
	atSegmentOf = 24 // xlp_sysid
	longHeader  = 2  // XLP_LONG_HEADER
	headerSize  = 40
)

// SegmentHeader is how many bytes Renew wants of a WAL segment.
const SegmentHeader = headerSize

// Renew changes the content of a file that Concerns: all of a control file, the beginning of a WAL segment, whose page
// headers have no checksum. It fails for content that is not the original cluster's.
func (i *Identity) Renew(name string, content []byte) error {
	if name != Name {
		return i.renewSegment(content)
	}
	f, err := Parse(content)
	if err != nil {
		return err
	}
	return f.renew(i)
}

func (i *Identity) renewSegment(page []byte) error {
	if len(page) < headerSize || binary.LittleEndian.Uint16(page[atInfo:])&longHeader == 0 {
		return errors.New("a WAL segment begins without its header")
	}
	if have := binary.LittleEndian.Uint64(page[atSegmentOf:]); have != i.old {
		return fmt.Errorf("a WAL segment belongs to the cluster %d, not to %d", have, i.old)
	}
	binary.LittleEndian.PutUint64(page[atSegmentOf:], i.system)
	return nil
}
