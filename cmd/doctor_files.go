package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// files looks at the directory, and reports whether it holds a cluster whose control file can be read.
func (d *diagnosis) files(paths install.Paths) bool {
	about := install.Describe(paths)
	switch about.State {
	case "cluster":
		d.ok("version", "made by PostgreSQL %s", about.Version)
	case "damaged":
		d.fail("control", about.Problem, "restore a backup into a new directory: pglite init --from FILE DIR")
	case "none", "empty":
		d.fail("cluster", "there is none", "make one: pglite init "+paths.Data)
		return false
	case "interrupted":
		d.fail("cluster", "its making was interrupted", "run pglite init again, which clears up and makes it")
		return false
	default:
		d.fail("cluster", "the directory holds something else. "+about.Problem, "name another directory with -D")
		return false
	}
	if about.Owner != 0 {
		d.ok("owner", "in use by pglite process %d", about.Owner)
	} else {
		d.ok("owner", "not in use")
	}
	d.required(paths.Data)
	d.permissions(paths.Data)
	d.space(paths.Data)
	return about.State == "cluster"
}

// fit tells of a cluster that our server cannot or must not open.
func (d *diagnosis) fit(ctx context.Context, cfg clusterConfig) {
	runtime, err := install.Runtime(ctx, installOptions(cfg).RuntimeOptions)
	if err != nil {
		d.fail("runtime", err.Error(), "")
		return
	}
	err = engine.CheckCluster(d.Data, runtime)
	version, layout, foreign := (*engine.VersionError)(nil), (*engine.LayoutError)(nil), (*engine.ForeignError)(nil)
	ownership := (*engine.OwnershipError)(nil)
	switch {
	case errors.As(err, &version):
		d.fail("version", err.Error(), "")
	case errors.As(err, &layout):
		d.fail("layout", err.Error(), "")
	case errors.As(err, &ownership):
		d.fail("owner", err.Error(), "")
	case errors.As(err, &foreign):
		d.fail("owner", err.Error(), "")
	}
}

// requiredNames are in every cluster of the supported versions.
var requiredNames = []string{
	"PG_VERSION", "base/1", "global/pg_control", "global/pg_filenode.map", "pg_commit_ts", "pg_hba.conf", "pg_ident.conf", "pg_logical", "pg_multixact/members",
	"pg_multixact/offsets", "pg_notify", "pg_replslot", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal", "pg_xact", "postgresql.conf",
}

func (d *diagnosis) required(dir string) {
	var missing []string
	for _, name := range requiredNames {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		d.fail("files", "missing: "+strings.Join(missing, ", "), "restore a backup into a new directory: pglite init --from FILE DIR")
		return
	}
	d.ok("files", "all that a cluster needs is there")
}

// permissions looks for what others could read or we cannot.
func (d *diagnosis) permissions(dir string) {
	const others, group = 0o007, 0o020
	info, err := os.Stat(dir)
	if err != nil {
		d.fail("permissions", err.Error(), "")
		return
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&(others|group) != 0 {
		d.fail("permissions", fmt.Sprintf("the directory's mode is %04o: PostgreSQL starts with 0700 or 0750 only", info.Mode().Perm()), "chmod 0700 "+dir)
		return
	}
	var unreadable []string
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var f *os.File
			if f, err = os.Open(name); err == nil {
				_ = f.Close()
			}
		}
		if errors.Is(err, fs.ErrPermission) {
			unreadable = append(unreadable, name)
		}
		return nil
	})
	if len(unreadable) > 0 {
		d.fail("permissions", fmt.Sprintf("%d files cannot be read, the first is %s", len(unreadable), unreadable[0]), "run as the user who made the cluster, or change the files' owner")
		return
	}
	d.ok("permissions", "only the owner has access")
}

// Below these a server soon has no room for its WAL.
const (
	littleSpace = 64 << 20
	someSpace   = 512 << 20
)

func (d *diagnosis) space(dir string) {
	free, err := freeSpace(dir)
	text := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	switch {
	case err != nil:
		d.warn("space", "free space is not known: "+err.Error(), "")
	case free < littleSpace:
		d.fail("space", text, "make room: the server stops when it cannot write its WAL")
	case free < someSpace:
		d.warn("space", text, "make room soon: the WAL may need more")
	default:
		d.ok("space", "%s", text)
	}
}
