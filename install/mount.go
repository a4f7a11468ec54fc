package install

import (
	"cmp"
	"context"
	"io"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine"
)

// Installation is a runtime with a cluster: what engine.Open needs, and what is known beside that.
type Installation struct {
	Paths
	// Runtime is the directory of the unpacked runtime.
	Runtime string
	// Version is the runtime's PostgreSQL version, such as 18.6.
	Version string
	// Socket is where other processes attach to the one that has the cluster open; "" when none has.
	Socket string
	// Reused tells that the cluster was there before.
	Reused bool
}

// Options of InitWith. The zero value makes a cluster from the template when there is none.
type Options struct {
	RuntimeOptions
	// RuntimeOnly provides the runtime and makes no cluster. It compiles the programs, too, so that no later run has
	// to.
	RuntimeOnly bool
	// Initdb are options of initdb (https://www.postgresql.org/docs/18/app-initdb.html). With any of them the real
	// initdb makes the cluster.
	Initdb []string
	// Backup is the file of a physical backup: the cluster is made from it, system identifier and all. A cluster that
	// is there is an error then.
	Backup string
	// TimeZone is the new cluster's. Empty means what initdb would take: the one that TZ names, else the system's.
	TimeZone string
	// Prepare is called with the paths of a cluster that was just made, before it gets its name: whatever it does is
	// done in all or not at all, because an error leaves no cluster. It must leave the server stopped. It is not called
	// for a cluster that is reused.
	Prepare func(ctx context.Context, data, runtime string) error
	// Env, Mounts and MaxMemory are the guest's, for a run of initdb: see engine.Config.
	Env       []string
	Mounts    []engine.Mount
	MaxMemory uint64
	// Engine is engine.Config's.
	Engine string
	// Log receives what initdb says; nil drops it.
	Log io.Writer
}

// Init provides the cluster of an application, in the operating system's directory for the user's data.
func Init(ctx context.Context, app AppID) (Installation, error) {
	paths, err := app.Paths()
	if err != nil {
		return Installation{}, err
	}
	return InitWith(ctx, paths, Options{})
}

// InitIn provides the cluster that dir means: dir is its data directory, or holds one in a classic layout. Of
// engine.Memory it provides the runtime, which is all that such a cluster needs.
func InitIn(ctx context.Context, dir string) (Installation, error) {
	paths, err := ResolvePaths(dir)
	if err != nil {
		return Installation{}, err
	}
	return InitWith(ctx, paths, Options{})
}

// PrepareDefault provides the user's default cluster.
func PrepareDefault(ctx context.Context, o Options) (Installation, error) {
	paths, err := Default()
	if err != nil {
		return Installation{}, err
	}
	return InitWith(ctx, paths, o)
}

// EnsureCluster makes the cluster at paths with the embedded runtime unless there is one.
func EnsureCluster(ctx context.Context, paths Paths) (Installation, error) {
	return InitWith(ctx, paths, Options{})
}

// InitWith provides the runtime, and the cluster at paths unless Options.RuntimeOnly. A cluster that is there is
// checked and reused as it is, whatever Options.Initdb says. When it fails nothing is left that was not there before,
// but for the unpacked runtime. Errors: ErrNoRuntime, *engine.VersionError, engine.ErrNotCluster for a directory that
// holds something else.
func InitWith(ctx context.Context, paths Paths, o Options) (Installation, error) {
	mount := Installation{Paths: paths}
	var err error
	if !o.RuntimeOnly {
		if paths.Data == "" {
			return mount, errNoName
		}
		if paths.Data == engine.Memory {
			return o.memory(ctx)
		}
		if mount.Data, err = filepath.Abs(paths.Data); err != nil {
			return mount, err
		}
		mount.Root = cmp.Or(paths.Root, mount.Data)
		if err := refuse(mount.Data); err != nil {
			return mount, err
		}
	}
	if err = o.runtime(ctx, &mount); err != nil {
		return mount, err
	}
	if o.RuntimeOnly {
		config := engine.Config{Runtime: mount.Runtime, CacheDir: o.CacheDir, Engine: o.Engine, Progress: o.Progress}
		return mount, engine.Prepare(ctx, config)
	}
	m := maker{
		runtime: mount.Runtime, initdb: o.Initdb, backup: o.Backup, cacheDir: o.CacheDir, zone: o.TimeZone,
		prepare: o.Prepare,
		env:     o.Env, mounts: o.Mounts, maxMemory: o.MaxMemory, engine: o.Engine, log: o.Log, progress: o.progress,
	}
	if mount.Reused, err = m.ensure(ctx, mount.Data); mount.Reused {
		_, mount.Socket, _ = engine.Owner(mount.Data)
	}
	return mount, err
}

// runtime provides the runtime.
func (o *Options) runtime(ctx context.Context, mount *Installation) (err error) {
	if mount.Runtime, err = ProvideRuntime(ctx, o.RuntimeOptions); err != nil {
		return err
	}
	mount.Version, err = versionOf(mount.Runtime)
	return err
}

// memory provides the runtime for a cluster in memory, which engine.Open makes.
func (o *Options) memory(ctx context.Context) (Installation, error) {
	if len(o.Initdb) > 0 || o.Backup != "" || o.Prepare != nil {
		return Installation{}, engine.ErrMemory
	}
	mount := Installation{Paths: Paths{Root: engine.Memory, Data: engine.Memory}}
	return mount, o.runtime(ctx, &mount)
}

// refuse tells of a directory that cannot become a cluster before anything is unpacked.
func refuse(dir string) error {
	s, err := inspect(dir)
	if err == nil && s == foreign {
		err = errForeign(dir)
	}
	return err
}
