// Command compat tries PostgreSQL's clients on pglite serve and prints which of their features work. See scripts/compat.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/scripts/internal/marked"
)

// options are the command line.
type options struct {
	pglite, work, programs, write string
	only                          string
}

func main() {
	var o options
	flag.StringVar(&o.pglite, "pglite", "./pglite", "the program to try the clients on")
	flag.StringVar(&o.work, "work", "", "where clients are installed, and kept for the next time")
	flag.StringVar(&o.programs, "programs", "scripts/internal/compat", "where the clients' programs are")
	flag.StringVar(&o.write, "write", "", "put the matrix into this Markdown file, between its markers")
	flag.StringVar(&o.only, "only", "", "try only the clients whose names contain this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compat:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context, out io.Writer) (err error) {
	if o.write != "" && o.only != "" {
		return errors.New("--write writes the whole table: leave --only out")
	}
	if o.programs, err = filepath.Abs(o.programs); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compat-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t, stop, err := serve(ctx, o.pglite, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	rows := o.try(ctx, t)
	var missing []string
	for _, r := range rows {
		if r.missing != nil {
			fmt.Fprintf(os.Stderr, "compat: %s could not be had here: %v\n", r.client, r.missing)
			missing = append(missing, r.client)
		}
	}
	version, err := serverVersion(ctx, t)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "PostgreSQL %s, %s.\n\n", version, time.Now().Format("January 2006"))
	tried := len(rows) - len(missing)
	if tried > 0 {
		printMatrix(&text, rows)
	}
	migrated, unavailable, migrationsFailed := o.migrate(ctx, t, &text)
	if missing = append(missing, unavailable...); tried+migrated == 0 {
		return errors.New("no client was tried")
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		return err
	}
	if n := failures(rows) + migrationsFailed; n > 0 {
		return fmt.Errorf("%d failures", n)
	}
	if o.write != "" && len(missing) > 0 {
		return fmt.Errorf("%s is not written: there is nothing to say about %s", o.write, strings.Join(missing, ", "))
	}
	if o.write != "" {
		return marked.Replace(o.write, "scripts/compat", text.String())
	}
	return nil
}

// try tries all clients.
func (o options) try(ctx context.Context, t target) (rows []row) {
	wanted := func(name string) bool {
		if !strings.Contains(strings.ToLower(name), strings.ToLower(o.only)) {
			return false
		}
		fmt.Fprintf(os.Stderr, "compat: %s\n", name)
		return true
	}
	if wanted("psql") {
		r := row{client: "psql"}
		if _, r.missing = exec.LookPath("psql"); r.missing == nil {
			r.version, r.report = psqlVersion(foreignPsql(t)), tryForeignPsql(t)
		}
		rows = append(rows, r)
	}
	if wanted("pglite tool psql") {
		rows = append(rows, row{client: "pglite tool psql", version: psqlVersion(ownPsql(t)), report: tryOwnPsql(t)})
	}
	if wanted("pgx") {
		rows = append(rows, row{client: "pgx", version: moduleVersion("github.com/jackc/pgx/v5"), report: tryPgx(t)})
	}
	if wanted("lib/pq") {
		rows = append(rows, row{client: "lib/pq", version: moduleVersion("github.com/lib/pq"), report: tryPq(t)})
	}
	for _, e := range externals {
		if wanted(e.name) {
			r := row{client: e.name}
			r.version, r.report, r.missing = e.try(ctx, o.work, o.programs, t)
			rows = append(rows, r)
		}
	}
	return rows
}

// migrate runs the migration tools and returns how many it has tried, which could not be had, and how many failed.
func (o options) migrate(ctx context.Context, t target, out io.Writer) (tried int, unavailable []string, failed int) {
	for _, m := range migrators {
		if !strings.Contains(strings.ToLower(m.name), strings.ToLower(o.only)) {
			continue
		}
		missing, err := m.try(ctx, o.work, o.programs, t)
		switch {
		case missing != nil:
			fmt.Fprintf(os.Stderr, "compat: %s could not be had here: %v\n", m.name, missing)
			unavailable = append(unavailable, m.name)
			continue
		case err != nil:
			failed++
			fmt.Fprintf(out, "- **no** %s, the same migration from two processes at once: %v\n", m.name, err)
		default:
			fmt.Fprintf(out, "- %s: the same migration from two processes at once is done once.\n", m.name)
		}
		tried++
	}
	return tried, unavailable, failed
}

func psqlVersion(p psql) string {
	out, err := p.run("unix", "\\echo :VERSION_NAME\n")
	if err != nil {
		return ""
	}
	version, _, _ := strings.Cut(strings.TrimSpace(out), " ")
	return version
}

// moduleVersion returns the version of a module of this program.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return ""
}
