package embedded

import (
	"io"
	"log/slog"
	"maps"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// Options are what an [Option] changes.
type Options struct {
	// User and Database are what connections begin with; "postgres" both.
	User, Database string
	// Password is sent when the server asks for one; "" for that of PGPASSWORD.
	Password string
	// Engine is how the server runs. DataDir is Open's; Runtime may be an archive too.
	Engine engine.Config
	// Install is how a cluster is made that is missing.
	Install install.Options
}

// Option changes how Open works. The functions of this package are some; any function of the program's own will do as well.
type Option func(*Options)

// WithUser sets the session user of connections.
func WithUser(name string) Option { return func(o *Options) { o.User = name } }

// WithDatabase sets the database that connections begin with. Open does not make it.
func WithDatabase(name string) Option { return func(o *Options) { o.Database = name } }

// WithSettings adds server parameters for this run (https://www.postgresql.org/docs/18/runtime-config.html). A server that another process
// runs takes none: then Open fails.
func WithSettings(settings map[string]string) Option {
	return func(o *Options) {
		all := maps.Clone(o.Engine.Settings)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, settings)
		o.Engine.Settings = all
	}
}

// WithLog sends the server's log to w.
func WithLog(w io.Writer) Option { return func(o *Options) { o.Engine.Log = w } }

// WithLogger sends the server's log to l, a record for each line.
func WithLogger(l *slog.Logger) Option { return func(o *Options) { o.Engine.Logger = l } }

// WithProgress calls tell with a short phrase before what takes long, such as unpacking or compiling the first time.
func WithProgress(tell func(phrase string)) Option {
	return func(o *Options) { o.Engine.Progress = tell }
}

// WithInitdb makes a missing cluster by the real initdb with these options
// (https://www.postgresql.org/docs/18/app-initdb.html).
func WithInitdb(args ...string) Option { return func(o *Options) { o.Install.Initdb = args } }

// WithoutAttach makes Open fail with engine.ErrLocked when another process runs the server on the directory.
func WithoutAttach() Option { return func(o *Options) { o.Engine.NoAttach = true } }
