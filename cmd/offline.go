package cmd

import (
	"context"
	"fmt"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// runOffline runs a program that needs no server.
func runOffline(ctx context.Context, cfg clusterConfig, how access, t engine.Tool) (int, error) {
	options := installOptions(cfg)
	runtime, err := install.ProvideRuntime(ctx, options.RuntimeOptions)
	if err != nil {
		return 0, err
	}
	config := engine.Config{Runtime: runtime, Env: cfg.Env, Mounts: cfg.Mounts, MaxMemory: cfg.MaxMemory, Engine: cfg.Engine, Progress: cfg.Progress}
	paths, err := dataPaths(cfg)
	if how == nothing || how == reading && cfg.DataDir == "" && (err != nil || install.Describe(paths).State == "none") {
		config.Env = append([]string{"PGDATA"}, cfg.Env...) // its arguments say what it works on
		return engine.RunTool(ctx, config, t)
	}
	if err == nil {
		err = install.CheckExists(paths.Data)
	}
	if err != nil {
		return 0, err
	}
	config.DataDir = paths.Data
	t.ReadOnly = how == reading
	return engine.RunTool(ctx, config, t)
}

// dataPaths finds the data directory that a command means, which need not exist.
func dataPaths(cfg clusterConfig) (install.Paths, error) {
	switch cfg.DataDir {
	case "":
		return install.Default()
	case engine.Memory:
		return install.Paths{}, fmt.Errorf("a cluster in memory is gone when it has no server: name a directory with -D")
	}
	return install.ResolvePaths(cfg.DataDir)
}
