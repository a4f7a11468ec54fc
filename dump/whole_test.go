package dump

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

const (
	wholeRows   = "CREATE TABLE rows AS SELECT i, repeat(md5(i::text), 3) t FROM generate_series(1, 5000) i"
	wholeIsThen = "SELECT count(*) = 5000 FROM rows"
	noneIsThen  = "SELECT to_regclass('rows') IS NULL"
	someAreThen = "SELECT count(*) BETWEEN 1 AND 4999 FROM rows"
)

// dumped is a dump in a format of the table of wholeRows, which is dropped then.
func dumped(t *testing.T, db *engine.DB, conn *pgx.Conn, args ...string) string {
	t.Helper()
	enginetest.Exec(t, conn, wholeRows)
	defer enginetest.Exec(t, conn, "DROP TABLE rows")
	file := filepath.Join(t.TempDir(), "dump")
	var stderr bytes.Buffer
	d := Dump{Args: append(args, "-f", file), Env: []string{"PGUSER=postgres", "PGDATABASE=postgres"}, Stderr: &stderr}
	if code, err := d.Run(t.Context(), db); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, &stderr)
	}
	return file
}

// TestCutTar: a tar that ends within a member is refused, which pg_restore does not notice, or for which it never ends.
func TestCutTar(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	whole, err := os.ReadFile(dumped(t, db, conn, "-Ft"))
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.LastIndex(whole, []byte("\n\\.\n"))
	for name, test := range map[string]struct {
		archive []byte
		c       bool
		want    error
	}{
		"whole":                 {whole, false, nil},
		"in the data":           {whole[:data/2], false, ErrCut},
		"in the data, continue": {whole[:data/2], true, ErrCut},
		"in the last row":       {whole[:data-5], false, ErrCut},
		"in the last member":    {whole[:len(whole)-2000], false, ErrCut},
	} {
		for _, from := range []string{"file", "standard input"} {
			t.Run(name+" from "+from, func(t *testing.T) {
				enginetest.Exec(t, conn, "DROP TABLE IF EXISTS rows")
				var stderr bytes.Buffer
				r := Restore{File: "-", Stdin: bytes.NewReader(test.archive), Single: true, Continue: test.c, Database: "postgres", Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
				if from == "file" {
					r.File = filepath.Join(t.TempDir(), "tar")
					if err := os.WriteFile(r.File, test.archive, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				code, err := r.Run(t.Context(), db)
				if !errors.Is(err, test.want) || test.want == nil && (err != nil || code != 0) {
					t.Errorf("exit code %d, %v: %s", code, err, &stderr)
				}
				then := wholeIsThen
				if test.want != nil {
					then = noneIsThen
				}
				alone(t, conn)
				if !enginetest.Get[bool](t, conn, then) {
					t.Errorf("afterwards not %s", then)
				}
			})
		}
	}
}

// TestCutDirectory: a compressed file of a directory that is cut or damaged is told, which pg_restore does not notice.
func TestCutDirectory(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	dir := dumped(t, db, conn, "-Fd")
	files, err := filepath.Glob(filepath.Join(dir, "*.dat.gz"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file []byte
		args string
		c    bool
		want error
		then string
	}{
		"whole":       {whole, "", false, nil, wholeIsThen},
		"cut":         {whole[:len(whole)/2], "", false, io.ErrUnexpectedEOF, noneIsThen},
		"continue":    {whole[:len(whole)/2], "", true, io.ErrUnexpectedEOF, someAreThen},
		"nothing":     {nil, "", false, io.ErrUnexpectedEOF, noneIsThen},
		"damaged":     {append(bytes.Clone(whole[:len(whole)-8]), "12345678"...), "", false, gzip.ErrChecksum, noneIsThen},
		"schema only": {nil, "--schema-only", false, nil, "SELECT NOT " + noneIsThen[len("SELECT "):]},
		"list":        {nil, "--list", false, nil, noneIsThen},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Exec(t, conn, "DROP TABLE IF EXISTS rows")
			if err := os.WriteFile(files[0], test.file, 0o600); err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			r := Restore{File: dir, Args: strings.Fields(test.args), Continue: test.c, Database: "postgres", Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
			code, err := r.Run(t.Context(), db)
			if !errors.Is(err, test.want) || test.want == nil && (err != nil || code != 0) || err != nil && !strings.Contains(err.Error(), ".dat.gz is damaged") {
				t.Errorf("exit code %d, %v: %s", code, err, &stderr)
			}
			alone(t, conn)
			if !enginetest.Get[bool](t, conn, test.then) {
				t.Errorf("afterwards not %s", test.then)
			}
		})
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Restore{File: dir, Database: "postgres"}).Run(cancelled, db); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
