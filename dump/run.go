package dump

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// Environment variables that Run itself reads; all others are pg_dump's.
const (
	// EnvData names the data directory of the cluster to dump. Without it pg_dump connects as its other variables say.
	EnvData = "PGDATA"
	// EnvRuntime names the directory of the unpacked runtime.
	EnvRuntime = "PGLITE_RUNTIME"
)

// ExitError tells that pg_dump ended with an exit code other than 0.
type ExitError struct {
	Code   int
	Stderr string
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("pg_dump failed (exit code %d): %s", e.Code, strings.TrimSpace(e.Stderr))
}

// Run runs pg_dump with the arguments argv, without its name, and returns what it has written to its standard output. env, NAME=VALUE,
// says on what: PGDATA on a cluster, which is opened for it, or else PGHOST, PGPORT and so on any server; PGLITE_RUNTIME is the runtime;
// without it, it is the one that engine.Config means with none. A nil env will do.
// Errors: ErrNotBundled, *ExitError, those of engine.Open.
func Run(ctx context.Context, argv, env []string) ([]byte, error) {
	vars := map[string]string{}
	var rest []string
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if vars[name] = value; name != EnvData && name != EnvRuntime {
			rest = append(rest, e)
		}
	}
	cfg := engine.Config{DataDir: vars[EnvData], Runtime: vars[EnvRuntime]}
	module, err := engine.ModulePath(ctx, cfg, "pg_dump")
	if errors.Is(err, engine.ErrNoProgram) || errors.Is(err, engine.ErrNoRuntime) {
		return nil, fmt.Errorf("%w: %w", ErrNotBundled, err)
	}
	if err != nil {
		return nil, err
	}
	cfg.Runtime = filepath.Dir(filepath.Dir(module))
	var stdout, stderr bytes.Buffer
	d := Dump{Args: argv, Env: rest, Stdout: &stdout, Stderr: &stderr}
	var code int
	switch {
	case len(argv) > 0 && slices.Contains([]string{"--version", "-V", "--help", "-?"}, argv[0]): // by PostgreSQL's rule, the first counts
		code, err = d.Run(ctx, offline(cfg))
	case cfg.DataDir == "":
		code, err = d.remote(ctx, cfg, vars)
	default:
		code, err = d.cluster(ctx, cfg)
	}
	if err == nil && code != 0 {
		err = &ExitError{code, stderr.String()}
	}
	return stdout.Bytes(), err
}

// offline runs programs without a server.
type offline engine.Config

// RunTool implements [Runner].
func (o offline) RunTool(ctx context.Context, t engine.Tool) (exitCode int, err error) {
	o.DataDir = ""
	return engine.RunTool(ctx, engine.Config(o), t)
}

func (d Dump) cluster(ctx context.Context, cfg engine.Config) (code int, err error) {
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
	}()
	return d.Run(ctx, db)
}

// remote connects as the variables say; pgconn reads all others from the Go program's environment.
func (d Dump) remote(ctx context.Context, cfg engine.Config, vars map[string]string) (int, error) {
	var words []string
	for variable, word := range map[string]string{
		"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "dbname", "PGPASSWORD": "password",
		"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey",
	} {
		if value := vars[variable]; value != "" {
			words = append(words, word+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)+"'")
		}
	}
	r, err := NewRemote(cfg, strings.Join(words, " "))
	if err != nil {
		return 0, err
	}
	d.Env = append(d.Env, "PGHOST=/tmp", "PGPORT=5432")
	return d.Run(ctx, r)
}
