package engine

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// owner is the content of the lock's file. The last owner's stays there.
type owner struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Socket  string    `json:"socket,omitempty"` // where other processes attach; empty when they cannot
	Alone   string    `json:"alone,omitempty"`  // why they cannot
	Ending  bool      `json:"ending,omitempty"` // it lets nobody in any more: it is shutting down

	// Inode is the data directory's number in its file system: a renamed directory keeps it, a copy has another. 0
	// where there is none.
	Inode uint64 `json:"inode,omitempty"`

	// Starting is not 0 before the server lets anybody in, which a long recovery delays; it grows as long as the owner
	// is alive.
	Starting int `json:"starting,omitempty"`
}

// same reports whether nothing has changed.
func (o owner) same(p owner) bool {
	started := o.Started.Equal(p.Started)
	o.Started, p.Started = time.Time{}, time.Time{}
	return started && o == p
}

// content returns what the lock's file says of o.
func (o owner) content() ([]byte, error) {
	b, err := json.Marshal(o)
	return append(b, '\n'), err
}

// readOwner returns what the lock's file of a data directory says, nothing when it cannot be read.
func readOwner(dir string) owner {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return owner{}
	}
	defer root.Close()
	return ownerIn(root)
}

// ownerIn is readOwner for a directory that is open.
func ownerIn(root *os.Root) owner {
	f, err := plainfile.OpenIn(root, lockName, os.O_RDONLY)
	if err != nil {
		return owner{}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, plainfile.Limit))
	if err != nil {
		return owner{}
	}
	return parseOwner(b)
}

// parseOwner reads the content of a lock's file. Anybody may have written it who can write to the data directory, so
// that it is not believed: a socket counts if only this user can have made it, and text is printed without what a
// terminal would obey.
func parseOwner(b []byte) (o owner) {
	if json.Unmarshal(b, &o) != nil || o.PID < 0 {
		return owner{}
	}
	if !isPrivateSocket(o.Socket) {
		o.Socket = ""
	}
	o.Alone = printable(o.Alone)
	return o
}

// socketName is what privateSocket and its owner make of a data directory's name.
var socketName = regexp.MustCompile(`^[0-9a-f]{16}(-[0-9]+-[0-9]+)?$`)

// isPrivateSocket reports whether a path is one at which an owner of this user may listen: in a directory for sockets
// that nobody else can enter. Owner and newcomer need not have the same environment, so that it may be another one than
// privateDir makes.
func isPrivateSocket(path string) bool {
	dir, base := filepath.Split(path)
	dir = filepath.Clean(dir)
	if !filepath.IsAbs(path) || filepath.Clean(path) != path || !socketName.MatchString(base) {
		return false
	}
	return cachedir.Env(nil).ForSockets(dir)
}

// printable returns a short text as it is, or quoted when it holds what a terminal would not print.
func printable(s string) string {
	const long = 300
	if len(s) > long {
		s = strings.ToValidUTF8(s[:long], "") + "…"
	}
	if quoted := strconv.Quote(s); strings.Contains(quoted, `\`) {
		return quoted
	}
	return s
}
