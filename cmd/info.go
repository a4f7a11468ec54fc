package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

func (p *program) infoCommand() *cli.Command {
	return &cli.Command{
		Name:      "info",
		Usage:     "show the paths and versions in use",
		UsageText: "pglite info [--json]",
		Description: `Shows where the runtime, the cache and the cluster are, the cluster's state and owner, and the versions. It starts nothing and
changes nothing.

Examples:
   pglite info
   pglite -D ./data info --json`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action: p.info,
	}
}

// infoReport is what info shows; its JSON is for programs, so names in it stay.
type infoReport struct {
	Versions struct {
		Pglite     string `json:"pglite"`
		PostgreSQL string `json:"postgresql"` // of the runtime
		Wazero     string `json:"wazero"`
	} `json:"versions"`
	Engine  engine.EngineInfo `json:"engine"`
	Runtime struct {
		Source   string `json:"source"` // "embedded", a directory or an archive
		Dir      string `json:"dir"`
		Unpacked bool   `json:"unpacked"`
		Problem  string `json:"problem,omitempty"`
	} `json:"runtime"`
	Cache struct {
		Dir      string `json:"dir"`
		Runtimes string `json:"runtimes"`
		Code     string `json:"code"`
		Modules  string `json:"modules"`
		Problem  string `json:"problem,omitempty"`
	} `json:"cache"`
	Cluster struct {
		Data             string     `json:"data"`
		Root             string     `json:"root,omitempty"`
		Layout           string     `json:"layout,omitempty"`
		State            string     `json:"state"`
		Problem          string     `json:"problem,omitempty"`
		Version          string     `json:"version,omitempty"`
		SystemIdentifier string     `json:"system_identifier,omitempty"` // a string: JSON's numbers lose digits
		Changed          *time.Time `json:"changed,omitempty"`
		Lock             string     `json:"lock,omitempty"`
		Owner            int        `json:"owner_pid,omitempty"`
		Socket           string     `json:"socket,omitempty"` // of the owner
	} `json:"cluster"`
	Default string `json:"default_data"`
	User    struct {
		Config    string `json:"config,omitempty"`  // holds the shell's start-up file
		History   string `json:"history,omitempty"` // what was typed at the shell
		Sockets   string `json:"sockets"`           // where owners listen for other processes
		Temporary string `json:"temporary"`         // what goes with the command that made it
	} `json:"user"`
}

func (p *program) info(c *cli.Context) error {
	if c.NArg() > 0 {
		return &usageError{"info", "info takes no arguments"}
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	r, err := newInfo(cfg, p.streams)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		e := json.NewEncoder(p.streams.Out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.print(p.streams.Out)
}

func newInfo(cfg clusterConfig, s Streams) (*infoReport, error) {
	r := &infoReport{}
	r.Versions.Pglite = cmp.Or(moduleVersion(""), "(devel)")
	r.Versions.Wazero = moduleVersion("github.com/tetratelabs/wazero")
	r.runtime(cfg)
	var err error
	if r.Engine, err = engine.DescribeEngine(engine.Config{Runtime: r.Runtime.Dir, Engine: cfg.Engine}); err != nil {
		return nil, err
	}
	cache, err := install.CachePathsIn("")
	if err != nil {
		r.Cache.Problem = err.Error()
	}
	r.Cache.Dir, r.Cache.Runtimes, r.Cache.Code, r.Cache.Modules = cache.Dir, cache.Runtimes, cache.Code, cache.Modules
	if d, err := install.Default(); err == nil {
		r.Default = d.Data
	}
	if name := s.replrc(); name != "" {
		r.User.Config = filepath.Dir(name)
	}
	r.User.History, r.User.Sockets, r.User.Temporary = s.historyFile(), engine.SocketDir(), s.dirs().Temp()
	return r, r.cluster(cfg.DataDir)
}

func (r *infoReport) runtime(cfg clusterConfig) {
	options := install.RuntimeOptions{Source: cfg.Runtime}
	r.Runtime.Source = cmp.Or(cfg.Runtime, "embedded")
	found, err := install.FindRuntime(options)
	if errors.Is(err, install.ErrNoRuntime) {
		r.Runtime.Source = "none"
	}
	r.Runtime.Dir, r.Runtime.Unpacked = found.Dir, found.Unpacked
	m, err := install.ReadManifest(options)
	if err != nil {
		r.Runtime.Problem = err.Error()
	}
	r.Versions.PostgreSQL = m.PostgreSQL
}

func (r *infoReport) cluster(dir string) error {
	c := &r.Cluster
	if dir == engine.Memory {
		c.Data, c.State = dir, "memory"
		return nil
	}
	paths, err := install.Default()
	if dir != "" {
		paths, err = install.ResolvePaths(dir)
	}
	if err != nil {
		c.State, c.Problem = "none", err.Error()
		return nil //nolint:nilerr // it is shown
	}
	d := install.Describe(paths)
	c.Data, c.Root, c.Layout, c.State, c.Problem, c.Version = d.Data, d.Root, d.Layout, d.State, d.Problem, d.Version
	c.Owner, c.Socket = d.Owner, d.Socket
	if d.SystemIdentifier != 0 {
		c.SystemIdentifier = fmt.Sprint(d.SystemIdentifier)
		c.Lock = d.Lock
	}
	if !d.Changed.IsZero() {
		changed := d.Changed.UTC()
		c.Changed = &changed
	}
	return nil
}

// print writes a line for each thing that is known.
func (r *infoReport) print(w io.Writer) error {
	changed, owner := "", ""
	if r.Cluster.Changed != nil {
		changed = r.Cluster.Changed.Format(time.RFC3339)
	}
	if r.Cluster.Owner != 0 {
		owner = fmt.Sprintf("process %d", r.Cluster.Owner)
	}
	unpacked := map[bool]string{true: "", false: " (not unpacked yet)"}[r.Runtime.Unpacked]
	lines := [][2]string{
		{"pglite", r.Versions.Pglite},
		{"PostgreSQL", r.Versions.PostgreSQL},
		{"wazero", r.Versions.Wazero},
		{"engine", r.Engine.Name},
		{"engine's reason", r.Engine.Reason},
		{"runtime", r.Runtime.Source},
		{"unpacked in", r.Runtime.Dir + unpacked},
		{"runtime problem", r.Runtime.Problem},
		{"cache", r.Cache.Dir},
		{"runtimes", r.Cache.Runtimes},
		{"modules", r.Cache.Modules},
		{"compiled code", r.Cache.Code},
		{"cache problem", r.Cache.Problem},
		{"configuration", r.User.Config},
		{"history", r.User.History},
		{"sockets", r.User.Sockets},
		{"temporary files", r.User.Temporary},
		{"default cluster", r.Default},
		{"data directory", r.Cluster.Data},
		{"layout", r.Cluster.Layout},
		{"state", r.Cluster.State},
		{"problem", r.Cluster.Problem},
		{"made by", prefixed("PostgreSQL ", r.Cluster.Version)},
		{"system identifier", r.Cluster.SystemIdentifier},
		{"last change", changed},
		{"lock", r.Cluster.Lock},
		{"in use by", owner},
		{"owner's socket", r.Cluster.Socket},
	}
	var known [][2]string
	for _, line := range lines {
		if line[1] != "" {
			known = append(known, [2]string{line[0] + ":", line[1]})
		}
	}
	return writePairs(w, known)
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
