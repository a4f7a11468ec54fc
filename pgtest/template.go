package pgtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// ready is how many databases of a template are made before they are wanted. One is copied while a test runs, so that the next test need not wait.
const ready = 2

// template is a database that tests get copies of.
type template struct {
	server *server
	name   string
	once   sync.Once
	err    error

	mu      sync.Mutex
	copies  []string
	filling bool
}

// template returns the template of a setup, and makes it unless this process or, on a server of several, another one has.
func (s *server) template(ctx context.Context, set *setup) (*template, error) {
	name := "pgtest_" + set.hash()
	s.mu.Lock()
	t := s.templates[name]
	if t == nil {
		t = &template{server: s, name: name}
		s.templates[name] = t
	}
	s.mu.Unlock()
	t.once.Do(func() { t.err = t.make(context.WithoutCancel(ctx), set) })
	return t, t.err
}

// make makes the template. Of several processes one does it, and the others wait for its lock.
func (t *template) make(ctx context.Context, set *setup) error {
	return t.server.admin(ctx, func(conn *pgconn.PgConn) error {
		key := fnv.New64a()
		_, _ = key.Write([]byte(t.name))
		lock := int64(key.Sum64())
		if err := run(ctx, conn, fmt.Sprintf("SELECT pg_advisory_lock(%d)", lock)); err != nil {
			return err
		}
		defer func() { _ = run(ctx, conn, fmt.Sprintf("SELECT pg_advisory_unlock(%d)", lock)) }()
		there, err := value(ctx, conn, "SELECT count(*) FROM pg_database WHERE datname = "+literal(t.name))
		if err != nil || there == "1" {
			return err
		}
		making := t.name + "_new" // one that is left was not finished
		if err := run(ctx, conn, "DROP DATABASE IF EXISTS "+identifier(making)+" WITH (FORCE)"); err != nil {
			return err
		}
		if err := run(ctx, conn, "CREATE DATABASE "+identifier(making)); err != nil {
			return err
		}
		if err := set.apply(ctx, t.server, making); err != nil {
			_ = run(ctx, conn, "DROP DATABASE "+identifier(making)+" WITH (FORCE)")
			return err
		}
		return t.finish(ctx, conn, making)
	})
}

// finish gives the template its name. Sessions that a setup has left open are ended, as nothing can be copied beside them.
func (t *template) finish(ctx context.Context, conn *pgconn.PgConn, making string) error {
	for _, sql := range []string{
		"ALTER DATABASE " + identifier(making) + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = " + literal(making),
		"ALTER DATABASE " + identifier(making) + " RENAME TO " + identifier(t.name),
	} {
		if err := run(ctx, conn, sql); err != nil {
			return err
		}
	}
	return nil
}

// take returns a copy, and begins to make the next ones.
func (t *template) take(ctx context.Context) (string, error) {
	name, ok := t.pop()
	defer t.fill()
	if ok {
		return name, nil
	}
	return t.copy(ctx)
}

func (t *template) pop() (name string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.copies) == 0 {
		return "", false
	}
	name, t.copies = t.copies[0], t.copies[1:]
	return name, true
}

// copy makes a copy.
func (t *template) copy(ctx context.Context) (string, error) {
	name := t.server.newName()
	err := t.server.admin(ctx, func(conn *pgconn.PgConn) error {
		return run(ctx, conn, "CREATE DATABASE "+identifier(name)+" TEMPLATE "+identifier(t.name)+t.server.strategy())
	})
	return name, err
}

// fill makes copies in the background, one at a time, until enough are ready.
func (t *template) fill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.filling || len(t.copies) >= ready {
		return
	}
	t.filling = true
	go func() {
		for {
			name, err := t.copy(context.Background())
			t.mu.Lock()
			if err == nil {
				t.copies = append(t.copies, name)
			}
			if t.filling = err == nil && len(t.copies) < ready; !t.filling { // an error comes again when a test wants a copy
				t.mu.Unlock()
				return
			}
			t.mu.Unlock()
		}
	}()
}

func run(ctx context.Context, conn *pgconn.PgConn, sql string) error {
	_, err := conn.Exec(ctx, sql).ReadAll()
	return err
}

// value returns the one value of a query.
func value(ctx context.Context, conn *pgconn.PgConn, sql string) (string, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return "", fmt.Errorf("%s: no value", sql)
	}
	return string(results[0].Rows[0][0]), nil
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
