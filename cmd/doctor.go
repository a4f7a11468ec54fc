package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/internal/doctor"
)

func (p *program) doctorCommand() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "diagnose a cluster without changing it",
		UsageText: "pglite doctor [--json] [--checksums] [--amcheck] [--repair-directories]",
		Description: `Looks at the data directory: version, control file, owner, missing files, WAL, permissions, free space and
configuration. A server tries the configuration on a fresh cluster in the temporary directory (TMPDIR). No byte of the
data directory changes, and it may be in use. The exit code is 0 when all is well, else 1; each problem comes with what
to do.

--checksums verifies all pages; the cluster must not be running. --amcheck verifies tables and indexes. It starts a
server on a copy of the cluster in the temporary directory. If a server runs on the cluster already, that one does the
work: the extension amcheck is created for it, and dropped afterwards unless it was there. --repair-directories first
makes the directories that a copy of files has lost, also those that may have held prepared transactions or commit
timestamps.

Examples:
   pglite doctor
   pglite -D ./data doctor --json
   pglite -D ./data doctor --checksums --amcheck`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.BoolFlag{Name: "checksums", Usage: "verify the checksums of all pages (pg_checksums)"},
			&cli.BoolFlag{Name: "amcheck", Usage: "verify tables and indexes (pg_amcheck), on a copy unless the server runs"},
			&cli.BoolFlag{Name: "repair-directories", Usage: "make the directories that are missing"},
		},
		Action: p.doctor,
	}
}

func (p *program) doctor(c *cli.Context) error {
	if c.NArg() > 0 {
		return &usageError{"doctor", "doctor takes no arguments: name the cluster with -D"}
	}
	doing, names := "doctor without --amcheck", []string{"data", "runtime", "env", "mount", "max-memory"}
	if c.Bool("amcheck") {
		doing, names = "doctor", append(names, "username", "set", "no-attach")
	}
	if err := p.wants("doctor", doing, names...); err != nil {
		return err
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	paths, err := dataPaths(cfg)
	if err != nil {
		return err
	}
	if c.Bool("repair-directories") {
		if err := p.repairDirectories(c.Context, cfg, paths); err != nil {
			return err
		}
	}
	d, err := doctor.Diagnose(c.Context, doctor.Options{
		Paths: paths, Runtime: installOptions(cfg).RuntimeOptions, Client: p.toolEnv(cfg), Temp: p.streams.dirs().Temp(),
		Server: engine.Config{
			Settings: cfg.Settings, Env: cfg.Env, Mounts: cfg.Mounts, MaxMemory: cfg.MaxMemory, NoAttach: cfg.NoAttach,
			Log: cfg.Log, NoLogInErrors: true, Progress: cfg.Progress,
		},
		Checksums: c.Bool("checksums"), Amcheck: c.Bool("amcheck"),
	})
	if err != nil {
		return err
	}
	if err := writeDiagnosis(p.streams.Out, d, c.Bool("json")); err != nil {
		return err
	}
	if !d.Healthy {
		return exitStatus(exitFailure)
	}
	return nil
}

// repairDirectories makes what is missing, and says so.
func (p *program) repairDirectories(ctx context.Context, cfg clusterConfig, paths install.Paths) error {
	runtime, err := install.ProvideRuntime(ctx, installOptions(cfg).RuntimeOptions)
	if err != nil {
		return err
	}
	if err := install.Check(paths.Data, runtime); err != nil {
		return err
	}
	made, err := engine.RepairDirectories(paths.Data)
	if err == nil && len(made) > 0 {
		cfg.Notice("made the directories " + strings.Join(made, ", "))
	}
	return err
}

// writeDiagnosis prints a line for each finding, and one for what to do about it.
func writeDiagnosis(w io.Writer, d *doctor.Diagnosis, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	rows := [][2]string{{"cluster:", d.Data}}
	for _, f := range d.Findings {
		mark := map[string]string{doctor.Warning: "WARNING: ", doctor.Problem: "PROBLEM: "}[f.Result]
		rows = append(rows, [2]string{f.Check + ":", mark + f.Detail})
		if f.ToDo != "" {
			rows = append(rows, [2]string{"", "-> " + f.ToDo})
		}
	}
	if err := writePairs(w, rows); err != nil {
		return fmt.Errorf("write the diagnosis: %w", err)
	}
	return nil
}
