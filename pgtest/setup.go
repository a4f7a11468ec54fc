package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// Option says how a database is set up. Several are done one after another.
type Option func(*setup)

// setup is what makes a template.
type setup struct{ steps []step }

// step is a part of it: SQL, or a function.
type step struct {
	name string
	sql  string
	run  func(ctx context.Context, uri string) error
	err  error
}

// Schema runs the .sql files of a file system, in the order of their names, folders included. They hold SQL, not commands of psql and no data
// for COPY FROM STDIN. The files' names and contents tell one template from another.
func Schema(files fs.FS) Option {
	return func(s *setup) {
		found := false
		err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".sql" {
				return err
			}
			content, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			found = true
			s.steps = append(s.steps, step{name: name, sql: string(content)})
			return nil
		})
		if err == nil && !found {
			err = errors.New("there is no .sql file")
		}
		if err != nil {
			s.steps = append(s.steps, step{name: "Schema", err: err})
		}
	}
}

// SQL runs statements.
func SQL(text string) Option {
	return func(s *setup) { s.steps = append(s.steps, step{name: "SQL", sql: text}) }
}

// Setup runs a function on the database's URI, such as a migration tool. A function has no content to be compared, so key stands for it: it has
// to change whenever what run does changes. A hash of the migrations will do, or a constant where each process has a server of its own.
func Setup(key string, run func(ctx context.Context, uri string) error) Option {
	return func(s *setup) { s.steps = append(s.steps, step{name: key, run: run}) }
}

// hash names the content.
func (s *setup) hash() string {
	h := sha256.New()
	for _, step := range s.steps {
		fmt.Fprintf(h, "%d:%s %v %d:%s\n", len(step.name), step.name, step.run != nil, len(step.sql), step.sql)
	}
	const enough = 10
	return hex.EncodeToString(h.Sum(nil)[:enough])
}

// apply sets a database up.
func (s *setup) apply(ctx context.Context, server *server, database string) error {
	for _, step := range s.steps {
		err := step.err
		switch {
		case err != nil:
		case step.run != nil:
			var uri string
			if uri, err = server.uri(database); err == nil {
				err = step.run(ctx, uri)
			}
		default:
			err = server.exec(ctx, database, step.sql)
		}
		if err != nil {
			return fmt.Errorf("set up by %s: %w", step.name, err)
		}
	}
	return nil
}
