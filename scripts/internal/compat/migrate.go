package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// migrator is a tool for schema migrations which has to bear being started twice at once: it relies on advisory locks.
type migrator struct {
	name    string
	install installer
	prepare func(dir, schema string) error
	command func(dir, programs, schema string, t target) *exec.Cmd
}

// goInstall builds a Go program of another module.
func goInstall(pkg string) installer {
	return func(ctx context.Context, dir string) error {
		cmd := exec.CommandContext(ctx, "go", "install", "-tags", "postgres", pkg)
		cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go install %s: %w: %s", pkg, err, gist(string(out)))
		}
		return nil
	}
}

var migrators = []migrator{
	{
		name: "golang-migrate", install: goInstall("github.com/golang-migrate/migrate/v4/cmd/migrate@latest"), prepare: writeMigrations,
		command: func(dir, _, schema string, t target) *exec.Cmd {
			return exec.Command(filepath.Join(dir, "migrate"), "-path", filepath.Join(dir, "migrations"), "-database", t.url()+"&search_path="+schema, "up")
		},
	},
	{
		name: "Kysely", install: npm("kysely", "pg"), prepare: func(string, string) error { return nil },
		command: func(dir, programs, schema string, t target) *exec.Cmd {
			cmd := exec.Command("node", filepath.Join(programs, "js", "kysely-migrate.mjs"), schema)
			cmd.Dir = dir
			return cmd
		},
	},
}

// migrations is how many steps the migration has; each takes a moment, so that the two processes meet.
const migrations = 5

// writeMigrations writes the steps as files.
func writeMigrations(dir, schema string) error {
	if err := os.MkdirAll(filepath.Join(dir, "migrations"), 0o755); err != nil {
		return err
	}
	for i := 1; i <= migrations; i++ {
		sql := fmt.Sprintf("CREATE TABLE %[1]s.step%[2]d(id int PRIMARY KEY); INSERT INTO %[1]s.step%[2]d VALUES (1); SELECT pg_sleep(0.1);", schema, i)
		if err := os.WriteFile(filepath.Join(dir, "migrations", fmt.Sprintf("%d_step.up.sql", i)), []byte(sql), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// try runs the migration from two processes at once. missing tells that the tool could not be had.
func (m migrator) try(ctx context.Context, work, programs string, t target) (missing, err error) {
	dir := filepath.Join(work, strings.ToLower(m.name))
	if err := (external{install: m.install}).provide(ctx, dir); err != nil {
		return err, nil
	}
	schema := "by_" + strings.ReplaceAll(strings.ToLower(m.name), "-", "_")
	conn, err := pgx.Connect(ctx, t.dsn("unix"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create schema "+schema); err != nil {
		return nil, err
	}
	if err := m.prepare(dir, schema); err != nil {
		return nil, err
	}
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i := range errs {
		both.Go(func() {
			cmd := m.command(dir, programs, schema, t)
			cmd.Env = append(os.Environ(), t.env()...)
			if out, err := cmd.CombinedOutput(); err != nil {
				errs[i] = fmt.Errorf("%w: %s", err, gist(string(out)))
			}
		})
	}
	both.Wait()
	var n int
	err = conn.QueryRow(ctx, "select count(*) from pg_class where relnamespace = $1::text::regnamespace and relname like 'step_' and relkind = 'r'", schema).Scan(&n)
	if err == nil {
		err = want(n, migrations)
	}
	return nil, errors.Join(append(errs, err)...)
}
