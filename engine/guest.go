package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// guest is a kernel with its file tree: the machine, as it were, that the postmaster or a single tool runs on.
type guest struct {
	cfg      Config
	programs *programs
	kernel   *kernel.Kernel
	lock     *dirLock
	data     vfs.FS
	ended    func(kernel.End)
	noMemory func(error)
	dataPath string // where the guest sees it; see [dataPath]
	tls      tlsHost
	closers  []io.Closer
}

// physicalMemory is what the limits of files in memory are parts of; tests have less.
var physicalMemory = memory.Physical

// ownership tells how a guest takes the owner lock of its data directory; nil is not at all.
type ownership func(dir string) (*dirLock, error)

var (
	owning    ownership = lockDir
	owningNow ownership = lockDirNow // for a server, which looks for the owner instead of waiting
	unlocked  ownership              // for initdb, which wants an empty directory: nobody else knows of that yet
)

// newGuest makes the kernel and the tree.
func newGuest(cfg Config, own ownership) (_ *guest, err error) {
	g := &guest{cfg: cfg.copyOf(), dataPath: dataPath(cfg.DataDir), tls: tlsHost{own: cfg.OwnCertificate}}
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	if g.programs, err = programsOf(&g.cfg); err != nil {
		return nil, err
	}
	if err = g.openData(own); err != nil {
		return nil, err
	}
	firstPID, random := g.cfg.reproducible()
	tree, err := g.tree(random)
	if err != nil {
		return nil, err
	}
	g.kernel = kernel.New(kernel.Config{
		Files: tree, Program: g.program, Now: g.cfg.Now, FirstPID: firstPID, TLS: &g.tls, Interfaces: interfaces,
		Ended:    func(e kernel.End) { tellIf(g.ended, e) },
		NoMemory: func(err error) { tellIf(g.noMemory, err) },
	})
	return g, nil
}

// tellIf calls a function that may be nil.
func tellIf[T any](f func(T), what T) {
	if f != nil {
		f(what)
	}
}

func (g *guest) program(ctx context.Context, name string) (kernel.Program, error) {
	if b, ok := builtins[name]; ok {
		return b, nil
	}
	return g.programs.get(ctx, name, g.cfg.progress)
}

// openData opens the data directory, if one is given. One in memory takes at most half of the computer's, as tmpfs
// does.
func (g *guest) openData(own ownership) (err error) {
	switch g.cfg.DataDir {
	case "":
		return nil
	case Memory:
		g.data = vfs.NewMemFS(int64(physicalMemory() / 2))
		return nil
	}
	dir := g.cfg.DataDir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &MissingError{dir}
	case err != nil:
		return fmt.Errorf("data directory: %w", err)
	case !info.IsDir():
		return fmt.Errorf("data directory %q is not a directory", dir)
	}
	if err := CheckOwnership(dir); err != nil {
		return err
	}
	if own != nil {
		if err := CheckCluster(dir, g.cfg.Runtime); err != nil { // before the lock leaves a file in it
			return err
		}
		if g.lock, err = own(dir); err != nil {
			return err
		}
	}
	root, err := g.lock.openRoot(dir)
	if err != nil {
		return fmt.Errorf("data directory %q: %w", dir, err)
	}
	d, err := vfs.NewDirFS(root, g.hiding(false))
	if err != nil {
		return errors.Join(fmt.Errorf("data directory %q: %w", dir, err), root.Close())
	}
	g.data = d
	g.closers = append(g.closers, d)
	return nil
}

// hiding returns the options of a directory of the host: the lock's file is the host's own, and what it says is read by
// other processes. It is hidden in mounts too, which may lead to a data directory.
func (g *guest) hiding(readOnly bool) vfs.Options {
	return vfs.Options{ReadOnly: readOnly, Hidden: &vfs.Hidden{Names: []string{lockName}, File: g.lock.identity}}
}

// isTemporaryFile matches a name of tmpfile(3) below the guest's root, as pg_dump -Ft uses it. Such a file has no name
// any more when its program gets it.
var isTemporaryFile = regexp.MustCompile("^" + strings.TrimPrefix(guestSockets, "/") +
	"/tmpfile_[A-Za-z]{6}$").MatchString

// isSocketFile reports whether a name below the guest's root is that of a socket or of its lock.
func isSocketFile(name string) bool { return strings.HasPrefix("/"+name, guestSockets+"/.s.PGSQL.") }

// tree puts the guest's file tree together. The guest's root and /tmp are memory, of at most an eighth of the
// computer's, in which only sockets and files without a name can be made: a file there would be gone with the server,
// though its name looks like one of the host's. The random numbers come from random, nil being the operating system's.
func (g *guest) tree(random io.Reader) (*vfs.Tree, error) {
	root := vfs.NewMemFS(int64(physicalMemory() / 8))
	if err := root.Mkdir(strings.TrimPrefix(guestSockets, "/"), 0o700); err != nil {
		return nil, err
	}
	t := vfs.NewTree(vfs.Seal(root, func(name string) bool { return isSocketFile(name) || isTemporaryFile(name) }))
	runtime, err := vfs.OpenDirFS(g.cfg.Runtime, vfs.Options{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("runtime directory %q: %w", g.cfg.Runtime, err)
	}
	g.closers = append(g.closers, runtime)
	bin, err := g.bin()
	if err != nil {
		return nil, err
	}
	dev := vfs.NewDevFS()
	dev.Random = random
	mounts := []struct {
		at string
		fs vfs.FS
	}{{guestRuntime, runtime}, {guestRuntime + "/bin", bin}, {"/dev", dev}, {guestData, g.data}, {g.dataPath, g.data}}
	for i, m := range mounts {
		if m.fs == nil || i > 0 && m.at == mounts[i-1].at {
			continue
		}
		if err := t.Mount(m.at, m.fs); err != nil {
			return nil, fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	return t, g.mount(t)
}

// mount adds the caller's mounts.
func (g *guest) mount(t *vfs.Tree) error {
	for _, m := range g.cfg.Mounts {
		if err := g.checkMount(m.Guest); err != nil {
			return err
		}
		d, err := vfs.OpenDirFS(m.Host, g.hiding(m.ReadOnly))
		if err != nil {
			return fmt.Errorf("mount %q: %w", m.Host, err)
		}
		g.closers = append(g.closers, d)
		if err := t.Mount(m.Guest, d); err != nil {
			return fmt.Errorf("mount %s: %w", m.Guest, err)
		}
	}
	return nil
}

// checkMount refuses a mount over what the server itself needs.
func (g *guest) checkMount(at string) error {
	switch {
	case at == "/":
		return errors.New("mount /: the root is the server's own: mount a directory below it")
	case at == guestSockets:
		return fmt.Errorf("mount %s: the server's socket is there: mount a directory below it", at)
	case isSocketFile(strings.TrimPrefix(at, "/")):
		return fmt.Errorf("mount %s: the name is that of a socket of the server", at)
	}
	for _, taken := range []string{guestRuntime, guestData, g.dataPath, "/dev"} {
		if at == taken || strings.HasPrefix(at, taken+"/") {
			return fmt.Errorf("mount %s: %s is the server's own", at, taken)
		}
	}
	return nil
}

// bin shows the programs under the names that PostgreSQL looks for; their content is never read.
func (g *guest) bin() (vfs.FS, error) {
	names, err := g.programs.names()
	if err != nil {
		return nil, err
	}
	bin := vfs.NewMemFS(0)
	for _, name := range names {
		f, err := bin.OpenFile(name, vfs.O_CREAT|vfs.O_RDWR, 0o755)
		if err != nil {
			return nil, err
		}
		_ = f.Close()
	}
	return bin, nil
}

// port is the number of the server's socket in the guest.
func (g *guest) port() string { return strconv.Itoa(int(cmp.Or(g.cfg.Port, guestPort))) }

// socket is the path of the server's socket in the guest.
func (g *guest) socket() string { return guestSockets + "/.s.PGSQL." + g.port() }

// command describes the start of a program with the guest's environment.
func (g *guest) command(name string, args []string, env []string) kernel.Command {
	return kernel.Command{
		Program: name,
		Args:    append([]string{guestRuntime + "/bin/" + name}, args...),
		Env:     guestEnv(environment, []string{"PGPORT=" + g.port()}, g.cfg.Env, env),
		Dir:     "/",
	}
}

// close ends all processes and frees what the guest held. Safe after a failed start.
func (g *guest) close() {
	if g.kernel != nil {
		_ = g.kernel.Close()
	}
	for _, c := range g.closers {
		_ = c.Close()
	}
	g.closers = nil
	g.lock.unlock()
}

// major returns the major version of the runtime.
func (g *guest) major() (string, error) { return majorOf(g.cfg.Runtime) }
