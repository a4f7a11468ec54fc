package doctor

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

const (
	amcheck     = "amcheck"
	damageFound = 2 // the exit code of pg_amcheck
)

// amcheck runs pg_amcheck over all databases: of the running server, else of one on a copy, so that no byte changes.
func (x *examination) amcheck(ctx context.Context) {
	if _, _, running := engine.Owner(x.Data); running {
		x.amcheckIn(ctx, x.Data, true)
		return
	}
	dir, err := copyOfCluster(x.Data, x.o.Temp)
	if dir != "" {
		defer os.RemoveAll(dir)
	}
	if err != nil {
		x.fail(amcheck, "a copy of the cluster cannot be made: "+err.Error(), "make room in the temporary directory, or set TMPDIR to another")
		return
	}
	x.amcheckIn(ctx, dir, false)
}

// amcheckIn verifies all databases of a cluster. running reports that its server is another process's: the extension is
// dropped again where it was not.
func (x *examination) amcheckIn(ctx context.Context, dir string, running bool) {
	cfg := x.o.Server
	cfg.Runtime, cfg.DataDir, cfg.NoAttach = x.runtime, dir, cfg.NoAttach || !running
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		x.fail(amcheck, "the server does not start: "+err.Error(), "restore a backup, or start with pglite -v for the server's log")
		return
	}
	run := func(tool string, args ...string) (string, int, error) {
		return captured(func(w io.Writer) (int, error) {
			return db.RunTool(ctx, engine.Tool{Name: tool, Args: args, Env: x.o.Client, Stdout: w, Stderr: w})
		})
	}
	var lacking []string
	if running {
		lacking = lackingAmcheck(run)
	}
	out, code, err := run("pg_amcheck", "--no-password", "--all", "--install-missing", "--heapallindexed")
	for _, database := range lacking {
		_, _, _ = run("psql", "-X", "-w", "-q", "-d", database, "-c", "SET client_min_messages = error; DROP EXTENSION IF EXISTS amcheck")
	}
	switch e := db.Close(); {
	case err != nil:
		x.fail(amcheck, err.Error(), "")
	case code != 0 && code != damageFound:
		x.fail(amcheck, "not verified: "+out, "let pg_amcheck connect as a superuser: --username, and PGPASSWORD where a password is asked for")
	case code == damageFound:
		x.fail(amcheck, out, "rebuild broken indexes with REINDEX; restore a backup when tables are damaged")
	case e != nil:
		x.fail(amcheck, "close: "+e.Error(), "")
	default:
		x.ok(amcheck, "all tables and indexes are sound")
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

// copyOfCluster copies a data directory that no server uses to the temporary directory; the caller removes it, also
// after an error.
func copyOfCluster(data, temp string) (dir string, err error) {
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
