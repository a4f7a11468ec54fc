package engine

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// Memory as Config.DataDir is a cluster that lives in memory and is gone after Close.
const Memory = "memory:"

// Config tells what to open. The zero value of each field but DataDir works.
type Config struct {
	// DataDir is the cluster's data directory (PGDATA) on the host, or Memory.
	DataDir string
	// Runtime is the directory of an unpacked runtime. Empty means the one that is built into the program, which is
	// unpacked into the user's cache the first time; without one, $PGLITE_RUNTIME or a runtime that the cache has.
	Runtime string
	// CacheDir keeps compiled code from one run to the next; empty means the user's cache directory, "-" that nothing
	// is kept.
	CacheDir string
	// Settings are server parameters for this run, above postgresql.conf and ALTER SYSTEM
	// (https://www.postgresql.org/docs/18/config-setting.html).
	Settings map[string]string
	// Env is added to the environment of all guest processes, as NAME=VALUE; NAME alone takes a variable out of it.
	Env []string
	// Mounts are directories of the host that the guest may see.
	Mounts []Mount
	// Log receives the server's log; nil drops it.
	Log io.Writer
	// NoLogInErrors keeps the end of the log out of a ServerError, for programs that show Log to the person who reads
	// their errors. It has no effect without Log.
	NoLogInErrors bool
	// Logger receives the server's log too, a record for each line: its level by the message's severity, which is an
	// attribute as the process identifier is. It knows PostgreSQL's default log_line_prefix. nil drops it.
	Logger *slog.Logger
	// Progress is called with a short phrase for each step that takes long, such as the first compilation. It may be
	// nil.
	Progress func(string)
	// NoAttach makes Open fail with ErrLocked when another process runs the server on DataDir, instead of connecting
	// to that one.
	NoAttach bool
	// Port is the number that the parameter port shows: that of the sockets by which others are let in. 0 means 5432.
	Port uint16
	// OwnCertificate says that the program's listener has a certificate of its own: with the parameter ssl = on, the
	// server then reads neither ssl_cert_file nor ssl_key_file.
	OwnCertificate bool
	// Now is the guest's wall clock; nil means time.Now.
	Now func() time.Time
	// Engine is what executes the programs: EngineAuto, EngineNative or EngineWazero; empty means $PGLITE_ENGINE, and
	// EngineAuto without that.
	Engine string
	// MaxMemory is the ceiling of one process's linear memory in bytes; 0 means 2 GiB. Out of it is SQLSTATE 53200.
	MaxMemory uint64
	// Random is what the server reads its random numbers from; nil means the operating system's. With it, process
	// identifiers begin at a fixed number too: for runs whose results must be the same bytes each time, such as the
	// template cluster's.
	Random io.Reader

	fileClock func() time.Time // what the times of files are compared with; nil means time.Now
}

// Mount makes a directory of the host visible in the guest.
type Mount struct {
	Host     string
	Guest    string // absolute
	ReadOnly bool
}

// ParseMount reads HOSTDIR:GUESTDIR[:ro].
func ParseMount(s string) (Mount, error) {
	rest, ro := strings.CutSuffix(s, ":ro")
	i := strings.LastIndexByte(rest, ':')
	if i <= 0 || !path.IsAbs(rest[i+1:]) {
		return Mount{}, fmt.Errorf("mount %q: want HOSTDIR:GUESTDIR or HOSTDIR:GUESTDIR:ro with an absolute GUESTDIR",
			s)
	}
	return Mount{Host: rest[:i], Guest: path.Clean(rest[i+1:]), ReadOnly: ro}, nil
}

// copyOf copies what the caller might change later.
func (c Config) copyOf() Config {
	c.Settings = maps.Clone(c.Settings)
	c.Env = slices.Clone(c.Env)
	c.Mounts = slices.Clone(c.Mounts)
	return c
}

func (c *Config) progress(phrase string) {
	if c.Progress != nil {
		c.Progress(phrase)
	}
}

// caches returns the directory where compiled code is kept, "" for none, and those that are only read.
func (c *Config) caches() (dir string, shared []string) {
	switch c.CacheDir {
	case "-":
		return "", nil
	case "":
		cache := cachedir.Env(nil).Cache()
		if cache.Err != nil {
			c.progress("nothing compiled is kept: " + cache.Err.Error())
		}
		for _, s := range cache.Shared {
			if err := cachedir.TrustedTree(s, "code", "modules"); err != nil {
				c.progress("compiled code is not used: " + err.Error())
				continue
			}
			shared = append(shared, s)
		}
		return cache.Dir, shared
	}
	return c.CacheDir, nil
}

// Where the guest sees things.
const (
	guestData    = "/pgdata"
	guestRuntime = "/pg"
	guestSockets = "/tmp"
	guestPort    = 5432 // without Config.Port
)

// environment is what every guest process sees; Config.Env comes after it and wins.
//
//	PATH=/pg/bin  HOME=/  USER=postgres  LANG=C.UTF-8  TZ=UTC  PGDATA=/pgdata  PGHOST=/tmp  PGPORT=5432
var environment = []string{
	"PATH=" + guestRuntime + "/bin", "HOME=/", "USER=postgres", "LANG=C.UTF-8", "TZ=UTC",
	"PGDATA=" + guestData, "PGHOST=" + guestSockets, "PGPORT=5432",
}

// guestEnv joins environments; later ones replace earlier ones by name, and a name without a value takes the variable
// out.
func guestEnv(lists ...[]string) []string {
	var all []string
	at := map[string]int{}
	for _, list := range lists {
		for _, e := range list {
			name, _, _ := strings.Cut(e, "=")
			if i, ok := at[name]; ok {
				all[i] = e
				continue
			}
			at[name] = len(all)
			all = append(all, e)
		}
	}
	return slices.DeleteFunc(all, func(e string) bool { return !strings.Contains(e, "=") })
}
