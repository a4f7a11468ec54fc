package engine

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// copiedFrom returns the data directory that dir is a copy of, if that was made while a server ran there or after a
// crash: postmaster.pid came along and names the other directory. It returns "" for a backup, which has no such file,
// and for a directory that was renamed after a crash.
func copiedFrom(dir string, l *dirLock) string {
	content, err := plainfile.Read(dir, "postmaster.pid")
	if err != nil {
		return ""
	}
	lines := strings.Split(string(content), "\n")
	if len(lines) < 2 {
		return ""
	}
	from := strings.TrimSpace(lines[1])
	if from == guestData || !filepath.IsAbs(filepath.FromSlash(from)) || sameDir(filepath.FromSlash(from), dir) {
		return ""
	}
	if l != nil && l.owner.Inode != 0 && l.before.Inode == l.owner.Inode {
		return ""
	}
	return from
}

// CopiedFrom returns the data directory that this one is a copy of, in the words of the server that ran there, if the
// copy was made while that server ran or after it had crashed. Unless such a copy is a snapshot of one moment, its
// files need not fit together, and recovery cannot notice that: pg_amcheck may. CopiedFrom returns "" for a backup, for
// a directory that is no copy, and for a server of another process.
func (db *DB) CopiedFrom() string {
	own, err := db.server.own()
	if err != nil {
		return ""
	}
	return own.copiedFrom
}

// noteCopy looks whether the data directory is a copy, before the start changes that, and says so in the log.
func (s *ownServer) noteCopy() {
	s.copiedFrom = copiedFrom(s.guest.cfg.DataDir, s.guest.lock)
	if s.copiedFrom != "" {
		fmt.Fprintf(s.log, "pglite: the data directory is a copy of %q that was made while a server ran there or "+
			"after a crash: "+
			"unless it is a snapshot of one moment, verify it with pg_amcheck\n", s.copiedFrom)
	}
}
