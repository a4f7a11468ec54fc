package engine

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// branch returns the tree that a program with mounts of its own sees, nil when it has none. unmount gives the
// directories back.
func (g *guest) branch(mounts []Mount) (files *vfs.Tree, unmount func(), err error) {
	if len(mounts) == 0 {
		return nil, func() {}, nil
	}
	files = g.kernel.Files().Branch()
	var open []*vfs.DirFS
	unmount = func() {
		for _, d := range open {
			_ = d.Close()
		}
	}
	for _, m := range mounts {
		if m.Guest == g.dataPath && g.data != nil {
			continue // is there
		}
		d, err := vfs.OpenDirFS(m.Host, g.hiding(m.ReadOnly))
		if err != nil {
			unmount()
			return nil, nil, fmt.Errorf("mount %q: %w", m.Host, err)
		}
		open = append(open, d)
		if err := files.Mount(m.Guest, d); err != nil {
			unmount()
			return nil, nil, fmt.Errorf("mount %q: %w", m.Host, err)
		}
	}
	return files, unmount, nil
}

// ShowFiles lets the program see files of the host at their own paths, and nothing beyond: the directory dir, which
// becomes its working directory, and the directories of the files that Args and the given values of the environment
// name. What is directly in the host's root is below /host, as the guest's root is its own, and so are the host's
// /pgdata, /pg and /dev; on Windows C:\dir is /c/dir; Args are rewritten to that. Without a dir, because the working
// directory has been removed, say, names of files have to be absolute.
func (t *Tool) ShowFiles(dir string, values ...string) error {
	if dir != "" {
		var err error
		if dir, err = filepath.Abs(dir); err != nil {
			return fmt.Errorf("working directory: %w", err)
		}
	}
	v := &view{dir: dir, mounts: t.Mounts}
	v.show(dir)
	for i, arg := range t.Args {
		option, value := splitOption(arg)
		if name, ok := v.file(value); ok && filepath.IsAbs(value) {
			t.Args[i] = option + name
		}
	}
	for _, value := range values {
		v.file(value)
	}
	t.Mounts = v.mounts
	if dir != "" {
		t.Dir = guestPath(dir)
	}
	return nil
}

// ShowReadOnly lets the program only read what it sees of the host's files, beside what the server sees.
func (t *Tool) ShowReadOnly() {
	t.Mounts = slices.Clone(t.Mounts)
	for i := range t.Mounts {
		t.Mounts[i].ReadOnly = true
	}
}

// splitOption parts --name=value and -Xvalue; any other argument is all value.
func splitOption(arg string) (option, value string) {
	switch {
	case strings.HasPrefix(arg, "--"):
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return arg, ""
		}
		return name + "=", value
	case strings.HasPrefix(arg, "-") && len(arg) > 2:
		return arg[:2], arg[2:]
	}
	return "", arg
}

// view collects the mounts that show files of the host.
type view struct {
	dir    string
	mounts []Mount
}

// file shows the file that value names, if it names one, and returns its path in the guest.
func (v *view) file(value string) (guest string, ok bool) {
	name := filepath.Clean(value)
	switch {
	case value == "":
		return "", false
	case filepath.IsAbs(name):
	case v.dir == "":
		return "", false
	case strings.Contains(value, "..") && !strings.HasPrefix(value, ".."):
		return "", false // SQL, say
	default:
		name = filepath.Join(v.dir, name)
	}
	if slashed := filepath.ToSlash(name); strings.HasPrefix(slashed, "/dev/") &&
		!strings.HasPrefix(slashed+"/", "/dev/shm/") {
		return slashed, true // the guest has devices of its own; files are kept in /dev/shm only
	}
	at := directoryOf(name)
	if at == "" || at == filepath.Dir(at) && strings.ContainsAny(value, " \n") {
		return "", false // in the root a file is told from SQL by that
	}
	v.show(at)
	if target, err := filepath.EvalSymlinks(name); err == nil && target != name {
		v.show(directoryOf(target))
	}
	return path.Join(guestPath(at), filepath.ToSlash(strings.TrimPrefix(name, at))), true
}

// show mounts a directory of the host unless it can be seen already.
func (v *view) show(dir string) {
	if dir == "" {
		return
	}
	guest := guestPath(dir)
	for _, m := range v.mounts {
		if guest == m.Guest || strings.HasPrefix(guest, m.Guest+"/") {
			return
		}
	}
	v.mounts = append(v.mounts, Mount{Host: dir, Guest: guest})
}

// directoryOf returns name if it is a directory, or else the directory it is in; "" when there is none.
func directoryOf(name string) string {
	for _, dir := range []string{name, filepath.Dir(name)} {
		if isDir(dir) {
			return dir
		}
	}
	return ""
}

// guestPath is where ShowFiles shows a directory of the host.
func guestPath(host string) string {
	volume := filepath.VolumeName(host)
	name := path.Clean("/" + strings.ToLower(strings.Trim(filepath.ToSlash(volume), ":/")) + "/" +
		filepath.ToSlash(host[len(volume):]))
	first, _, _ := strings.Cut(name[1:], "/")
	if slices.Contains(guestsOwn, "/"+first) {
		return path.Join("/host", name)
	}
	return name
}

// guestsOwn are the names in its root that the guest has other things behind.
var guestsOwn = []string{"/", guestData, guestRuntime, "/dev", "/host"}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
