package engine

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestDataPath leaves room in MAXPGPATH, which is 1024, for the names below the data directory.
const longestDataPath = 512

// dataPath returns where the guest sees its data directory: at the directory's own path, so that data_directory,
// messages and absolute names in configuration files mean the same inside and outside. It is guestData where that
// cannot be: in memory, on Windows, and for a path that has something else in the guest or does not fit in PostgreSQL's
// files. The directory can always be seen there, too.
func dataPath(dir string) string {
	own, err := filepath.Abs(dir)
	if dir == "" || dir == Memory || err != nil {
		return guestData
	}
	fits := len(own) <= longestDataPath && utf8.ValidString(own) && !strings.ContainsFunc(own, unicode.IsControl)
	if !fits || guestPath(own) != own || own == guestSockets {
		return guestData
	}
	return own
}
