package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/internal/durable"
)

// maker makes clusters.
type maker struct {
	runtime   string
	initdb    []string // options of initdb; none means a copy of the template
	backup    string   // file of a physical backup; the cluster is made from it
	cacheDir  string   // of compiled code
	zone      string   // instead of TZ
	env       []string
	mounts    []engine.Mount
	maxMemory uint64
	engine    string
	log       io.Writer
	progress  func(string)
	prepare   func(ctx context.Context, data, runtime string) error // see Options.Prepare
}

// ensure makes a cluster in dir unless there is one, or waits for the one who is making it there.
func (m *maker) ensure(ctx context.Context, dir string) (reused bool, err error) {
	const pause = 20 * time.Millisecond
	for told := false; ; told = true {
		reused, err = m.attempt(ctx, dir)
		if !errors.Is(err, errBusy) {
			return reused, err
		}
		if !told {
			m.progress("waiting for another pglite, which makes the cluster")
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("make a cluster in %q: %w", dir, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// attempt makes a cluster in dir unless there is one.
func (m *maker) attempt(ctx context.Context, dir string) (reused bool, err error) {
	if err := engine.CheckOwnership(dir); err != nil {
		return false, ownership(dir, err)
	}
	s, err := inspect(dir)
	if err != nil {
		return false, err
	}
	switch s {
	case cluster:
		clearBeside(dir)
		RemoveLeftovers(dir)
		return m.reuse(dir)
	case foreign:
		return false, errForeign(dir)
	case halfMade:
		if err := clearInside(dir, false); err != nil {
			return false, fmt.Errorf("make a cluster in %q: %w", dir, err)
		}
		s = empty
	}
	err = m.beside(ctx, dir)
	if place := (*placeError)(nil); errors.As(err, &place) && s == empty {
		err = m.inside(ctx, dir)
	}
	if err == nil {
		return false, nil
	}
	if s, e := inspect(dir); e == nil && s == cluster && ctx.Err() == nil {
		return m.reuse(dir) // another program was faster
	}
	return false, fmt.Errorf("make a cluster in %q: %w", dir, err)
}

// ownership says what else can be done about a directory of another user that holds nothing yet, as a volume's often
// is.
func ownership(dir string, err error) error {
	if s, e := inspect(dir); e == nil && s == empty {
		return fmt.Errorf("%w; or name a new directory below it", err)
	}
	return err
}

// reuse takes the cluster that is there, if it will do.
func (m *maker) reuse(dir string) (reused bool, err error) {
	if m.backup != "" {
		return true, fmt.Errorf("%q holds a cluster already, which the backup %q does not replace: name a new "+
			"directory", dir, m.backup)
	}
	return true, Check(dir, m.runtime)
}

// placeError tells that the place beside a directory cannot be used: nothing can be made there, or the directory cannot
// be replaced because it is a mount point, say.
type placeError struct{ cause error }

func (e *placeError) Error() string { return e.cause.Error() }

func (e *placeError) Unwrap() error { return e.cause }

// beside makes the cluster in a directory beside dir and gives it dir's name at the end.
func (m *maker) beside(ctx context.Context, dir string) (err error) {
	clearBeside(dir)
	parent, base := filepath.Split(dir)
	parents, err := makeParents(filepath.Clean(parent))
	defer func() {
		if err != nil {
			removeEmpty(parents)
		}
	}()
	if err != nil {
		return err
	}
	w, err := newWork(filepath.Clean(parent), workPrefix(base))
	if err != nil {
		return &placeError{err}
	}
	defer w.close()
	if err := m.fill(ctx, w.data()); err != nil {
		return err
	}
	err = durable.Rename(w.data(), dir)
	if s, e := inspect(dir); err != nil && e == nil && s == empty {
		return &placeError{err}
	}
	return err
}

// fill makes a cluster in dir, which it makes first, prepares it, and syncs it.
func (m *maker) fill(ctx context.Context, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := m.make(ctx, dir); err != nil || m.prepare == nil {
		return err
	}
	if err := m.prepare(ctx, dir, m.runtime); err != nil {
		return err
	}
	return durable.Tree(ctx, dir)
}

// make makes a cluster in dir, an empty directory, and syncs it.
func (m *maker) make(ctx context.Context, dir string) error {
	if m.backup != "" {
		return m.restore(ctx, dir)
	}
	template := filepath.Join(m.runtime, engine.TemplateDir)
	if _, err := os.Stat(filepath.Join(template, "PG_VERSION")); err == nil && len(m.initdb) == 0 {
		m.progress("copying the template cluster")
		return copyTemplate(ctx, template, dir, TimeZone(m.runtime, m.zone))
	}
	return m.runInitdb(ctx, dir)
}

func (m *maker) runInitdb(ctx context.Context, dir string) error {
	args, mounts, remove, err := withPasswordFile(m.initdb)
	if err != nil {
		return err
	}
	defer remove()
	m.progress("running initdb")
	env := m.env
	if zone := TimeZone(m.runtime, m.zone); zone != "" {
		env = append([]string{"TZ=" + zone}, env...)
	}
	return engine.InitDB(ctx, engine.Config{
		DataDir: dir, Runtime: m.runtime, CacheDir: m.cacheDir, Env: env, Mounts: slices.Concat(m.mounts, mounts),
		MaxMemory: m.maxMemory, Engine: m.engine,
		Log: m.log, Progress: m.progress,
	}, args)
}

// makeParents makes a directory and what is missing above it, durably, and lists what it made.
func makeParents(dir string) (made []string, err error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); err == nil || filepath.Dir(at) == at {
			break
		}
		made = append(made, at)
	}
	if err := cachedir.MakeAll(dir); err != nil {
		return made, err
	}
	for _, at := range made {
		if err := durable.Dir(filepath.Dir(at)); err != nil {
			return made, err
		}
	}
	return made, nil
}

// removeEmpty removes directories that makeParents made, unless something is in them.
func removeEmpty(dirs []string) {
	for _, dir := range dirs {
		_ = os.Remove(dir)
	}
}
