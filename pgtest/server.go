package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/internal/localsocket"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// server is the one that has the tests' databases: in this process, or elsewhere.
type server struct {
	db     *engine.DB // nil elsewhere
	dir    string     // of a cluster that outlives the process
	remote *pgconn.Config
	text   string // URI of the remote one
	prefix string // of the databases' names
	count  atomic.Int64
	log    databaseLogs

	mu        sync.Mutex
	templates map[string]*template
	socket    *localsocket.Listener
	admins    chan *pgconn.PgConn
	dropping  chan string
}

// admins is how many sessions make and drop databases.
const admins = 4

// settings are for tests: nothing has to survive a crash.
var settings = map[string]string{
	"max_connections": "500", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off",
	"wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "1h", "max_wal_size": "1GB", "log_checkpoints": "off",
	"log_line_prefix": logPrefix, "shared_buffers": "32MB",
}

// strategy returns how the server copies a template. Copying files is the fastest where the checkpoints around it write to no disk; elsewhere it is
// the server's own choice.
func (s *server) strategy() string {
	if s.db == nil || s.dir != "" {
		return ""
	}
	return " STRATEGY FILE_COPY"
}

// start starts a server in this process, or finds the one that the environment names.
func start(ctx context.Context) (*server, error) {
	s := &server{templates: map[string]*template{}, admins: make(chan *pgconn.PgConn, admins), dropping: make(chan string, 1000)}
	s.prefix = fmt.Sprintf("pgtest_%d_%s_", os.Getpid(), rand.Text()[:6])
	for range admins {
		s.admins <- nil
	}
	go s.dropAll()
	if s.text = os.Getenv(ServerVariable); s.text != "" {
		var err error
		if !pgclient.IsURI(s.text) {
			return nil, fmt.Errorf("%s is no connection URI: give postgresql://…", ServerVariable)
		}
		if s.remote, err = pgclient.ParseRemote(s.text); err != nil {
			return nil, fmt.Errorf("%s: %w", ServerVariable, err)
		}
		return s, nil
	}
	config := engine.Config{DataDir: engine.Memory, Settings: settings, Log: &s.log}
	if os.Getenv(KeepVariable) != "" {
		if err := s.onDisk(ctx, &config); err != nil {
			return nil, err
		}
	}
	var err error
	s.db, err = engine.Open(ctx, config)
	return s, err
}

// onDisk makes a cluster that is there when the process has ended.
func (s *server) onDisk(ctx context.Context, config *engine.Config) error {
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return err
	}
	in, err := install.InitIn(ctx, dir)
	if err != nil {
		return err
	}
	s.dir, config.DataDir, config.Runtime = in.Data, in.Data, in.Runtime
	config.Settings = maps.Clone(settings)
	config.Settings["synchronous_commit"] = "on" // the process ends without a shutdown, and what a test did is to be seen
	return nil
}

// newName returns a name that no other process uses.
func (s *server) newName() string { return s.prefix + fmt.Sprint(s.count.Add(1)) }

// config returns how to connect to a database.
func (s *server) config(database string) *pgconn.Config {
	if s.remote != nil {
		c := s.remote.Copy()
		c.Database = database
		return c
	}
	return pgclient.Own(s.db.Dial, pgclient.Login{User: "postgres", Database: database})
}

func (s *server) dial(ctx context.Context) (net.Conn, error) {
	if s.remote == nil {
		return s.db.Dial(ctx)
	}
	network, address := pgconn.NetworkAddress(s.remote.Host, s.remote.Port)
	return s.remote.DialFunc(ctx, network, address)
}

// uri returns the URI of a database.
func (s *server) uri(database string) (string, error) {
	if s.remote != nil {
		u, err := url.Parse(s.text)
		if err != nil {
			return "", err
		}
		u.Path = "/" + database
		query := u.Query()
		query.Del("dbname")
		u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // libpq knows no plus
		return u.String(), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket == nil {
		var err error
		if s.socket, err = localsocket.Listen(s.db.ServeConn); err != nil {
			return "", err
		}
	}
	return s.socket.URI("postgres", database), nil
}

// where says how to look at a database that is kept.
func (s *server) where(database string) string {
	if s.dir != "" {
		return fmt.Sprintf("pglite -D %s -d %s repl", s.dir, database)
	}
	uri, err := s.uri(database)
	if err != nil {
		return err.Error()
	}
	return uri
}

// logOf returns what the server has said about a database.
func (s *server) logOf(database string) string {
	if s.remote != nil {
		return ""
	}
	return s.log.take(database)
}

// admin lends a session on database postgres. One that is broken is not used again.
func (s *server) admin(ctx context.Context, do func(conn *pgconn.PgConn) error) (err error) {
	var conn *pgconn.PgConn
	select {
	case conn = <-s.admins:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		if conn != nil && conn.IsClosed() {
			conn = nil
		}
		s.admins <- conn
	}()
	if conn == nil {
		if conn, err = pgconn.ConnectConfig(ctx, s.config("postgres")); err != nil {
			return err
		}
	}
	return do(conn)
}

// drop drops a database in the background: the test need not wait.
func (s *server) drop(database string) {
	s.log.take(database)
	s.dropping <- database
}

func (s *server) dropAll() {
	ctx := context.Background()
	for database := range s.dropping {
		_ = s.admin(ctx, func(conn *pgconn.PgConn) error { // what cannot be dropped is gone with the server
			return run(ctx, conn, "DROP DATABASE "+identifier(database)+" WITH (FORCE)")
		})
	}
}
