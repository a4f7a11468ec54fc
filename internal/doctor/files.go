package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// files looks at the directory, and reports whether it holds a cluster whose control file can be read.
func (x *examination) files() bool {
	about := install.Describe(x.o.Paths)
	switch about.State {
	case "cluster":
		if about.Version != "" { // what is wrong with PG_VERSION otherwise, required says
			x.ok("version", "made by PostgreSQL %s", about.Version)
		}
	case "damaged":
		x.fail("control", about.Problem, fromBackup)
	case "none", "empty":
		x.fail("cluster", "there is none", "make one: pglite init "+x.Data)
		return false
	case "interrupted":
		x.fail("cluster", "its making was interrupted", "run pglite init again, which clears up and makes it")
		return false
	case "denied":
		x.fail("permissions", about.Problem, "run pglite as the user who owns the directory"+ownerOf(x.Data))
		return false
	default:
		x.fail("cluster", "the directory holds something else. "+about.Problem, "name another directory with -D")
		return false
	}
	x.owner()
	x.required()
	x.directories()
	x.permissions()
	x.space()
	return about.State == "cluster"
}

// owner tells who has the cluster open.
func (x *examination) owner() {
	switch pid, _, running := engine.Owner(x.Data); {
	case running && pid == 0:
		x.ok("owner", "in use by a pglite process that pglite.lock does not name")
	case running:
		x.ok("owner", "in use by pglite process %d", pid)
	default:
		x.ok("owner", "not in use")
	}
	if info, err := os.Lstat(filepath.Join(x.Data, "pglite.lock")); err == nil && !info.Mode().IsRegular() {
		x.fail("lock", "pglite.lock is "+kindOf(info.Mode())+", where the owner keeps a file", "remove it when no pglite runs on the directory")
	}
}

// fit tells of a cluster that our server cannot or must not open. It reports whether the runtime's programs can be
// asked about it.
func (x *examination) fit(ctx context.Context) bool {
	var err error
	if x.runtime, err = install.ProvideRuntime(ctx, x.o.Runtime); err != nil {
		x.fail("runtime", err.Error(), "")
		return false
	}
	err = engine.CheckCluster(x.Data, x.runtime)
	version, layout, foreign := (*engine.VersionError)(nil), (*engine.LayoutError)(nil), (*engine.ForeignError)(nil)
	ownership := (*engine.OwnershipError)(nil)
	switch {
	case err == nil:
	case errors.As(err, &version):
		x.fail("version", err.Error(), "")
	case errors.As(err, &layout):
		x.fail("layout", err.Error(), "")
	case errors.As(err, &ownership), errors.As(err, &foreign):
		x.fail("owner", err.Error(), "")
	case x.Healthy: // or it has been told already
		x.fail("start", err.Error(), "")
	}
	return true
}

// required are the files that are in every cluster of the supported versions, and what to do without one.
var required = []struct {
	name, todo string
	optional   bool
}{
	{"PG_VERSION", fromBackup, false},
	{"global/pg_control", fromBackup, false},
	{"global/pg_filenode.map", fromBackup, false},
	{"base/1/PG_VERSION", fromBackup, false},
	{"pg_hba.conf", `write one that says who may connect, such as the lines "local all all trust" and "host all all 127.0.0.1/32 trust"`, false},
	{"pg_ident.conf", "make an empty pg_ident.conf, unless pg_hba.conf uses a map", false},
	{"postgresql.conf", "make an empty postgresql.conf: all parameters then have their defaults", false},
	{"postgresql.auto.conf", "remove postgresql.auto.conf: what ALTER SYSTEM has set is gone then", true},
}

// required looks for files that are missing, or that are no files.
func (x *examination) required() {
	const check = "files"
	root, err := os.OpenRoot(x.Data)
	if err != nil {
		x.fail(check, err.Error(), "")
		return
	}
	defer root.Close()
	var details, todos []string
	for _, r := range required {
		detail := lookAt(root, r.name)
		if detail == "" || r.optional && strings.HasSuffix(detail, isMissing) {
			continue
		}
		details = append(details, detail)
		if !slices.Contains(todos, r.todo) {
			todos = append(todos, r.todo)
		}
	}
	if len(details) > 0 {
		x.fail(check, strings.Join(details, "; "), strings.Join(todos, "; "))
		return
	}
	x.ok(check, "all that a cluster needs is there")
}

const isMissing = " is missing"

// lookAt says what is wrong with a file, "" when nothing is. A link may not lead out of the directory.
func lookAt(root *os.Root, name string) string {
	info, err := root.Lstat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return name + isMissing
	}
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if info, err = root.Stat(filepath.FromSlash(name)); err != nil {
			return name + " is a link to nowhere, or out of the directory, where the server cannot follow"
		}
		if strings.HasPrefix(name, "PG_VERSION") || strings.HasPrefix(name, "global/") {
			return name + " is a link"
		}
	}
	switch {
	case err != nil:
		return fmt.Sprintf("%s cannot be looked at: %v", name, err)
	case !info.Mode().IsRegular():
		return name + " is " + kindOf(info.Mode()) + ", not a file"
	}
	return ""
}

// kindOf names a kind of file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeSymlink != 0:
		return "a link"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}

// directories looks for directories that are missing.
func (x *examination) directories() {
	missing, err := engine.MissingDirectories(x.Data)
	var lost *engine.DirectoriesError
	switch {
	case errors.As(err, &lost) && len(missing) > 0: // the message says what to do
		x.fail("directories", "missing: "+strings.Join(missing, ", "), lost.Error())
	case errors.As(err, &lost):
		x.fail("directories", "missing: "+strings.Join(lost.Missing, ", "), fromBackup)
	case err != nil:
		x.fail("directories", err.Error(), "")
	case len(missing) > 0:
		x.warn("directories", "missing, as after a copy of files only: "+strings.Join(missing, ", "),
			"nothing: they are empty, and the next start makes them, as pglite doctor --repair-directories does")
	}
}

// permissions looks for what others could read or we cannot.
func (x *examination) permissions() {
	const others, group = 0o007, 0o020
	dir := x.Data
	info, err := os.Stat(dir)
	if err != nil {
		x.fail("permissions", err.Error(), "")
		return
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&(others|group) != 0 {
		x.fail("permissions", fmt.Sprintf("the directory's mode is %04o: PostgreSQL starts with 0700 or 0750 only", info.Mode().Perm()), "chmod 0700 "+dir)
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
		x.fail("permissions", fmt.Sprintf("%d files cannot be read, the first is %s", len(unreadable), unreadable[0]),
			"run as the user who made the cluster"+ownerOf(dir)+", or change the files' owner")
		return
	}
	if isReadOnly(dir) {
		x.fail("permissions", "the directory is on a file system that can only be read", "copy it to one that can be written: PostgreSQL writes even when it only reads tables")
		return
	}
	x.ok("permissions", "only the owner has access")
}

// Below these a server soon has no room for its WAL.
const (
	littleSpace = 64 << 20
	someSpace   = 512 << 20
)

func (x *examination) space() {
	free, err := freeSpace(x.Data)
	text := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	switch {
	case err != nil:
		x.warn("space", "free space is not known: "+err.Error(), "")
	case free < littleSpace:
		x.fail("space", text, "make room: the server stops when it cannot write its WAL")
	case free < someSpace:
		x.warn("space", text, "make room soon: the WAL may need more")
	default:
		x.ok("space", "%s", text)
	}
}
