package cmd

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

const (
	amcheck     = "amcheck"
	damageFound = 2 // the exit code of pg_amcheck
)

// diagnoseAmcheck runs pg_amcheck over all databases: of the running server, else of one on a copy, so that no byte changes.
func (p *program) diagnoseAmcheck(ctx context.Context, cfg clusterConfig, d *diagnosis) {
	if _, _, running := engine.Owner(d.Data); running {
		p.amcheck(ctx, cfg, d, true)
		return
	}
	dir, err := copyOfCluster(d.Data)
	if dir != "" {
		defer os.RemoveAll(dir)
	}
	if err != nil {
		d.fail(amcheck, "a copy of the cluster cannot be made: "+err.Error(), "make room in the temporary directory, or set TMPDIR to another")
		return
	}
	cfg.DataDir, cfg.NoAttach = dir, true
	p.amcheck(ctx, cfg, d, false)
}

// amcheck verifies all databases of a cluster. The extension is dropped again where it was not, if that is wanted.
func (p *program) amcheck(ctx context.Context, cfg clusterConfig, d *diagnosis, restore bool) {
	db, err := p.backend.open(ctx, cfg)
	if err != nil {
		d.fail(amcheck, "the server does not start: "+err.Error(), "restore a backup, or start with pglite -v for the server's log")
		return
	}
	run := func(tool string, args ...string) (string, int, error) {
		return capturedTool(func(w io.Writer) (int, error) { return db.Run(ctx, tool, args, nil, w, w, p.toolEnv(cfg)) })
	}
	var lacking []string
	if restore {
		lacking = lackingAmcheck(run)
	}
	out, code, err := run("pg_amcheck", "--no-password", "--all", "--install-missing", "--heapallindexed")
	for _, database := range lacking {
		_, _, _ = run("psql", "-X", "-w", "-q", "-d", database, "-c", "SET client_min_messages = error; DROP EXTENSION IF EXISTS amcheck")
	}
	switch e := db.Close(); {
	case err != nil:
		d.fail(amcheck, err.Error(), "")
	case code != 0 && code != damageFound:
		d.fail(amcheck, "not verified: "+out, "let pg_amcheck connect as a superuser: --username, and PGPASSWORD where a password is asked for")
	case code == damageFound:
		d.fail(amcheck, out, "rebuild broken indexes with REINDEX; restore a backup when tables are damaged")
	case e != nil:
		d.fail(amcheck, "close: "+e.Error(), "")
	default:
		d.ok(amcheck, "all tables and indexes are sound")
	}
}

// lackingAmcheck lists the databases without the extension.
func lackingAmcheck(run func(tool string, args ...string) (string, int, error)) (databases []string) {
	all, code, err := run("psql", "-X", "-w", "-Atc", "SELECT datname FROM pg_database WHERE datallowconn")
	if code != 0 || err != nil {
		return nil
	}
	for _, database := range strings.Split(all, "\n") {
		n, code, err := run("psql", "-X", "-w", "-At", "-d", database, "-c", "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")
		if code == 0 && err == nil && n == "0" {
			databases = append(databases, database)
		}
	}
	return databases
}

// copyOfCluster copies a data directory that no server uses to the temporary directory; the caller removes it, also after an error.
func copyOfCluster(data string) (dir string, err error) {
	var size uint64
	err = filepath.WalkDir(data, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += uint64(info.Size())
		}
		return err
	})
	if err != nil {
		return "", err
	}
	const spare = 64 << 20 // for the WAL and the files of the check
	temp := cachedir.Env(nil).Temp()
	if free, err := freeSpace(temp); err == nil && free < size+spare {
		return "", fmt.Errorf("%s has %d MB free, which has to be %d", temp, free>>20, (size+spare)>>20)
	}
	if dir, err = os.MkdirTemp(temp, "pglite-doctor-"); err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
		return dir, err
	}
	if _, _, running := engine.Owner(data); running {
		return dir, fmt.Errorf("the server of %q was started meanwhile", data)
	}
	return dir, nil
}
