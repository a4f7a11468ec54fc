package cmd

import (
	"context"
	"io"
	"net"
	"runtime/debug"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// cluster is a running cluster, as engine.DB is.
type cluster interface {
	// Dial connects to the server. The startup packet is the caller's to send.
	Dial(ctx context.Context) (net.Conn, error)
	// RunTool runs one of PostgreSQL's programs against the cluster.
	RunTool(ctx context.Context, t engine.Tool) (exitCode int, err error)
	// Close shuts the cluster down, or lets go of it when another process owns it.
	Close() error
}

// clusterConfig says which cluster to open and how.
type clusterConfig struct {
	DataDir        string // "" for the user's default one, "memory:" for one in memory
	Runtime        string
	Env            []string
	Mounts         []engine.Mount
	Settings       map[string]string
	MaxMemory      uint64 // of one process in bytes; 0 for the most there is
	Engine         string // what executes the programs
	User, Database string
	Password       string       // "" for the one in PGPASSWORD
	Log            io.Writer    // nil: the server's log is not shown
	Progress       func(string) // nil: progress is not shown
	Unused         string       // said of PGDATA when the default cluster is made
	Notice         func(string) // what the user should know in any case; nil: nothing is shown
	TimeZone       string       // of a new cluster; "" for the system's
	NoAttach       bool         // another process that runs the server is an error
	ForTool        bool         // Env and Mounts are for one of PostgreSQL's programs, too
	Port           uint16       // of the sockets by which others are let in; 0 for none
	OwnCertificate bool         // who lets clients in has a certificate; see engine.Config
	Serve          bool         // the server is for others: it runs in this process and its shutdown waits for nobody
}

// initHow says how init makes a cluster.
type initHow struct {
	RuntimeOnly bool
	Backup      string                                                // the file of a physical backup to make it from
	InitdbArgs  []string                                              // options for the real initdb
	Prepare     func(ctx context.Context, data, runtime string) error // see install.Options
}

// madeCluster is what init tells about a cluster.
type madeCluster struct {
	Mount   string // the directory that holds the runtime
	Data    string // the data directory; "" when only the runtime was wanted
	Version string // of PostgreSQL
	Reused  bool   // it was there before
}

// backend is what the commands need of the packages below.
type backend struct {
	open        func(ctx context.Context, cfg clusterConfig) (cluster, error)
	initCluster func(ctx context.Context, cfg clusterConfig, how initHow) (madeCluster, error)
	// postgresVersion returns the version in the manifest of the runtime, "" meaning the embedded one.
	postgresVersion func(runtime string) (string, error)
	// announces says that what is done once on a machine is told although standard error is no terminal.
	announces bool
	// tools lists the programs of the embedded runtime.
	tools func() []string
	// offline runs a program that needs no server.
	offline func(ctx context.Context, cfg clusterConfig, how access, t engine.Tool) (exitCode int, err error)
}

// moduleVersion returns the version of a module that this program is built from, "" meaning the program's own.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if path == "" {
		return info.Main.Version
	}
	for _, dep := range info.Deps {
		if dep.Path == path {
			return strings.TrimPrefix(dep.Version, "v")
		}
	}
	return "unknown"
}
