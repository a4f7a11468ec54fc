package cmd

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ulikunitz/xz"
	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
)

// preparation returns what init does with a cluster that it has made, nil for nothing. args are initdb's.
func (p *program) preparation(c *cli.Context, cfg clusterConfig, args []string) func(ctx context.Context, data, runtime string) error {
	s := &seed{
		program: p, cfg: cfg, user: c.String("create-user"), database: c.String("create-db"), super: lastValue(args, "--username", "postgres"),
		passwordFile: lastValue(args, "--pwfile", ""),
	}
	for _, name := range c.StringSlice("sql") {
		s.names = append(s.names, p.streams.path(name))
	}
	if s.user == "" && s.database == "" && len(s.names) == 0 {
		return nil
	}
	return s.run
}

// lastValue returns the value of an option, that of the last one, or another value when there is none.
func lastValue(args []string, option, otherwise string) string {
	for _, arg := range slices.Backward(args) {
		if value, ok := strings.CutPrefix(arg, option+"="); ok {
			return value
		}
	}
	return otherwise
}

// seed is what a new cluster gets at once: a role, a database, and what scripts make, as the entrypoint of PostgreSQL's container image
// does it.
type seed struct {
	program                             *program
	cfg                                 clusterConfig
	user, database, super, passwordFile string
	names                               []string // of scripts and directories
}

// run runs the server on the cluster and everything in it.
func (s *seed) run(ctx context.Context, data, runtime string) (err error) {
	scripts, err := sqlScripts(s.names)
	if err != nil {
		return err
	}
	env := []string{"PGUSER=" + s.super, "PGDATABASE=postgres"}
	if s.passwordFile != "" {
		b, err := os.ReadFile(s.passwordFile)
		if err != nil {
			return fmt.Errorf("password file: %w", err)
		}
		line, _, _ := strings.Cut(string(b), "\n")
		env = append(env, "PGPASSWORD="+strings.TrimRight(line, "\r"))
	}
	db, err := engine.Open(ctx, engine.Config{
		DataDir: data, Runtime: runtime, Env: s.cfg.Env, Mounts: s.cfg.Mounts, MaxMemory: s.cfg.MaxMemory, NoAttach: true,
		Settings: map[string]string{"fsync": "off"}, // all is synced when this is over
		Log:      s.cfg.Log, NoLogInErrors: true, Progress: s.cfg.Progress,
	})
	if err != nil {
		return err
	}
	defer closing(db, &err)
	if err := s.create(ctx, db, env); err != nil {
		return err
	}
	if s.database != "" {
		env = append(env, "PGDATABASE="+s.database)
	}
	for _, script := range scripts {
		if err := s.script(ctx, db, env, script); err != nil {
			return err
		}
	}
	return nil
}

// create makes the role and the database.
func (s *seed) create(ctx context.Context, db cluster, env []string) error {
	var sql string
	if s.user != "" {
		sql = "CREATE ROLE " + quoteIdentifier(s.user) + " LOGIN;\n"
	}
	if s.database != "" {
		sql += "CREATE DATABASE " + quoteIdentifier(s.database)
		if s.user != "" {
			sql += " OWNER " + quoteIdentifier(s.user)
		}
		sql += ";\n"
	}
	if sql == "" {
		return nil
	}
	return s.psql(ctx, db, env, "--create-user and --create-db", strings.NewReader(sql))
}

// script runs one script.
func (s *seed) script(ctx context.Context, db cluster, env []string, name string) error {
	if s.cfg.Notice != nil {
		s.cfg.Notice("running " + name)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var text io.Reader = f
	switch filepath.Ext(name) {
	case ".gz":
		text, err = gzip.NewReader(f)
	case ".xz":
		text, err = xz.NewReader(f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	whole := &sourceReader{r: text}
	err = s.psql(ctx, db, env, name, whole)
	if whole.err != nil {
		return fmt.Errorf("%s: %w", name, whole.err)
	}
	return err
}

// sourceReader notes why reading has failed: the program that reads takes it for the end.
type sourceReader struct {
	r   io.Reader
	err error
}

func (f *sourceReader) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// psql runs SQL, to its first error. It sees no file of the host.
func (s *seed) psql(ctx context.Context, db cluster, env []string, what string, sql io.Reader) error {
	var said bytes.Buffer
	args := []string{"--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"}
	code, err := db.RunTool(ctx, engine.Tool{
		Name: "psql", Args: args, Env: env, Stdin: sql,
		Stdout: s.program.streams.Err, Stderr: io.MultiWriter(&said, s.program.streams.Err),
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if code != 0 {
		return fmt.Errorf("%s failed, so there is no cluster", what)
	}
	return nil
}

// quoteIdentifier returns a name as SQL has it.
func quoteIdentifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// scriptEndings are the files of a directory that are scripts.
var scriptEndings = []string{".sql", ".sql.gz", ".sql.xz"}

// sqlScripts lists the scripts that are named, those of a directory in the order of their names.
func sqlScripts(names []string) (scripts []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("--sql: %w", err)
		}
		if !info.IsDir() {
			scripts = append(scripts, name)
			continue
		}
		entries, err := os.ReadDir(name) // sorted
		if err != nil {
			return nil, fmt.Errorf("--sql: %w", err)
		}
		before := len(scripts)
		for _, e := range entries {
			ends := func(ending string) bool { return strings.HasSuffix(e.Name(), ending) }
			if !e.IsDir() && slices.ContainsFunc(scriptEndings, ends) {
				scripts = append(scripts, filepath.Join(name, e.Name()))
			}
		}
		if len(scripts) == before {
			return nil, fmt.Errorf("--sql: the directory %s has no file that ends in %s", name, strings.Join(scriptEndings, ", "))
		}
	}
	return scripts, nil
}
