package pgtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Environment variables.
const (
	// KeepVariable keeps the databases of tests that fail, when it is set.
	KeepVariable = "PGTEST_KEEP"
	// ServerVariable is the URI of a server to use instead of one in this process.
	ServerVariable = "PGTEST_SERVER"
)

// DB is the database of one test. All methods are safe for concurrent use.
type DB struct {
	t      testing.TB
	server *server
	name   string
}

// New returns a database of its own for a test, which is dropped at the test's end. It ends the test when there is none to be had.
func New(t testing.TB, options ...Option) *DB {
	t.Helper()
	var s setup
	for _, option := range options {
		option(&s)
	}
	server, err := theServer()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	template, err := server.template(t.Context(), &s)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name, err := template.take(t.Context())
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	db := &DB{t: t, server: server, name: name}
	t.Cleanup(db.end)
	return db
}

// end drops the database, or says how to look at it.
func (db *DB) end() {
	if !db.t.Failed() {
		db.server.drop(db.name)
		return
	}
	if log := db.server.logOf(db.name); log != "" {
		db.t.Logf("pgtest: the server's log of database %s:\n%s", db.name, log)
	}
	if os.Getenv(KeepVariable) == "" {
		db.server.drop(db.name)
		return
	}
	db.t.Logf("pgtest: database %s is kept: %s", db.name, db.server.where(db.name))
}

// Name returns the database's name.
func (db *DB) Name() string { return db.name }

// URI returns the connection URI, for any driver. Of the server in this process it is that of a Unix-domain socket in a directory that only this
// user can enter.
func (db *DB) URI() string {
	db.t.Helper()
	uri, err := db.server.uri(db.name)
	if err != nil {
		db.t.Fatalf("pgtest: %v", err)
	}
	return uri
}

// Dial connects to the server, for drivers that take a dial function; the protocol's startup packet, with the database's name, is theirs to send.
func (db *DB) Dial(ctx context.Context) (net.Conn, error) { return db.server.dial(ctx) }

// Exec runs SQL, also several statements, that must succeed.
func (db *DB) Exec(sql string) {
	db.t.Helper()
	ctx := context.WithoutCancel(db.t.Context()) // also in a Cleanup
	if err := db.server.exec(ctx, db.name, sql); err != nil {
		db.t.Fatalf("pgtest: %s: %v", sql, err)
	}
}

// exec runs SQL in a session of its own.
func (s *server) exec(ctx context.Context, database string, sql string) error {
	conn, err := pgconn.ConnectConfig(ctx, s.config(database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql).ReadAll()
	return err
}

var started struct {
	sync.Mutex
	server *server
	err    error
}

// theServer returns the server of this process, and starts it the first time. It is never stopped: tests come and go, and nobody says which
// is the last.
func theServer() (*server, error) {
	started.Lock()
	defer started.Unlock()
	if started.server == nil && started.err == nil {
		if started.server, started.err = start(context.Background()); started.err != nil {
			started.err = fmt.Errorf("start the server: %w", started.err)
		}
	}
	return started.server, started.err
}
