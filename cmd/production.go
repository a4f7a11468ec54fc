package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// production returns the real thing.
func production() backend {
	return backend{
		open: openCluster, initCluster: initCluster, offline: runOffline,
		postgresVersion: func(runtime string) (string, error) {
			m, err := install.ReadManifest(install.RuntimeOptions{Source: runtime})
			return m.PostgreSQL, err
		},
		tools: embeddedTools,
	}
}

// embeddedTools lists the programs of the embedded runtime, none when there is no runtime.
func embeddedTools() []string {
	m, err := install.ReadManifest(install.RuntimeOptions{})
	if err != nil {
		return nil
	}
	var names []string
	for _, file := range slices.Sorted(maps.Keys(m.Modules)) {
		if name, ok := strings.CutSuffix(file, ".wasm"); ok {
			names = append(names, name)
		}
	}
	return names
}

// openCluster starts the server on the cluster; the default one is made on first use.
func openCluster(ctx context.Context, cfg clusterConfig) (cluster, error) {
	config, err := engineConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	config.NoAttach = cfg.NoAttach || cfg.Serve
	db, err := engine.Open(ctx, config)
	switch {
	case err != nil:
		return nil, err
	case cfg.Serve:
		return db, nil
	case !cfg.ForTool && len(cfg.Env)+len(cfg.Mounts) > 0 && db.Attached():
		_ = db.Close()
		return nil, fmt.Errorf("data directory %q: another process runs the server, which takes no --env and no --mount from this one: leave them out, or stop that process first", config.DataDir)
	}
	if from := db.CopiedFrom(); from != "" && cfg.Log == nil && cfg.Notice != nil {
		cfg.Notice(fmt.Sprintf("the data directory is a copy of %q that was made while a server ran there or after a crash: unless it is a snapshot of "+
			"one moment, verify it with pglite doctor --amcheck; pglite backup makes copies of running clusters", from))
	}
	return newReleasing(db, cfg.Progress), nil
}

// engineConfig provides the runtime and finds the cluster.
func engineConfig(ctx context.Context, cfg clusterConfig) (engine.Config, error) {
	config := engine.Config{
		Settings: cfg.Settings, Env: cfg.Env, Mounts: cfg.Mounts, Log: cfg.Log, NoLogInErrors: true, Progress: cfg.Progress, MaxMemory: cfg.MaxMemory,
		OwnCertificate: cfg.OwnCertificate, Port: cfg.Port, Engine: cfg.Engine,
	}
	options := installOptions(cfg)
	if cfg.DataDir == "" {
		if paths, err := install.Default(); err == nil && cfg.Notice != nil && install.Describe(paths).State == "none" {
			cfg.Notice("making the default cluster in " + paths.Data + temporaryAdvice(paths) + cfg.Unused)
		}
		mount, err := install.PrepareDefault(ctx, options)
		config.DataDir, config.Runtime = mount.Data, mount.Runtime
		return config, err
	}
	runtime, err := install.ProvideRuntime(ctx, options.RuntimeOptions)
	if err != nil {
		return config, err
	}
	config.DataDir, config.Runtime = cfg.DataDir, runtime
	if cfg.DataDir == engine.Memory {
		config.Settings = inTimeZone(cfg.Settings, install.TimeZone(runtime, cfg.TimeZone))
		return config, nil
	}
	paths, err := install.ResolvePaths(cfg.DataDir)
	if err != nil {
		return config, err
	}
	config.DataDir = paths.Data
	if err := install.Check(paths.Data, runtime); err != nil {
		return config, err
	}
	install.RemoveLeftovers(paths.Data)
	return config, nil
}

// inTimeZone gives a cluster in memory the time zone that initdb would write to its configuration.
func inTimeZone(settings map[string]string, zone string) map[string]string {
	if zone == "" {
		return settings
	}
	all := map[string]string{"timezone": zone, "log_timezone": zone}
	for name, value := range settings {
		delete(all, strings.ToLower(name)) // --set wins, however it is spelled
		all[name] = value
	}
	return all
}

// temporaryAdvice tells of a default cluster that may not be there for long.
func temporaryAdvice(paths install.Paths) string {
	if !paths.Temporary {
		return ""
	}
	return ", among the temporary files, because there is no home that can be written: name a directory with -D to keep it"
}

func installOptions(cfg clusterConfig) install.Options {
	return install.Options{
		RuntimeOptions: install.RuntimeOptions{Source: cfg.Runtime, Progress: cfg.Progress},
		Env:            cfg.Env, Mounts: cfg.Mounts, MaxMemory: cfg.MaxMemory, Engine: cfg.Engine, Log: cfg.Log, TimeZone: cfg.TimeZone,
	}
}

// initCluster provides a cluster, the user's default one when none is named.
func initCluster(ctx context.Context, cfg clusterConfig, how initHow) (madeCluster, error) {
	options := installOptions(cfg)
	options.RuntimeOnly, options.Initdb, options.Backup = how.RuntimeOnly, how.InitdbArgs, how.Backup
	options.Prepare = how.Prepare
	mount, err := initMount(ctx, cfg.DataDir, options)
	made := madeCluster{Mount: mount.Runtime, Data: mount.Data, Version: mount.Version, Reused: mount.Reused}
	if how.RuntimeOnly {
		made.Data = ""
	}
	return made, err
}

func initMount(ctx context.Context, dir string, options install.Options) (install.Installation, error) {
	switch {
	case dir == engine.Memory:
		return install.Installation{}, errors.New("a cluster in memory is made by the command that uses it: name a directory, or leave init out")
	case options.RuntimeOnly:
		return install.InitWith(ctx, install.Paths{}, options)
	case dir == "":
		return install.PrepareDefault(ctx, options)
	}
	paths, err := install.ResolvePaths(dir)
	if err != nil {
		return install.Installation{}, err
	}
	return install.InitWith(ctx, paths, options)
}
