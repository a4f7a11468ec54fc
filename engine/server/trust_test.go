package server_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// trust is a cluster whose rules change.
type trust struct {
	t    *testing.T
	db   *engine.DB
	conn *pgx.Conn
}

func newTrust(t *testing.T) trust {
	db := enginetest.Open(t, engine.Config{})
	return trust{t, db, enginetest.Connect(t, db)}
}

// rules writes pg_hba.conf.
func (c trust) rules(lines ...string) {
	c.t.Helper()
	enginetest.Exec(c.t, c.conn, "copy (select unnest(array['"+strings.Join(lines, "', '")+"'])) to '/pgdata/pg_hba.conf'")
}

// reload makes the server obey them.
func (c trust) reload() {
	c.t.Helper()
	loaded := enginetest.Get[time.Time](c.t, c.conn, "select pg_conf_load_time()")
	if err := c.db.Reload(); err != nil {
		c.t.Fatal(err)
	}
	waitFor(c.t, c.conn, "select pg_conf_load_time() > $1", loaded)
}

func (c trust) start(cfg server.Config) error {
	s, err := server.Start(context.Background(), c.db, cfg)
	if err == nil {
		err = s.Close()
	}
	return err
}

func TestTrust(t *testing.T) {
	t.Parallel()
	c := newTrust(t)
	for _, test := range []struct {
		rule               string
		trusting, insecure bool
	}{
		{"host all all 0.0.0.0/0 scram-sha-256", false, false},
		{"host all all 127.0.0.1/32 trust", false, false},
		{"host all all 127.0.0.0/8 trust", false, false},
		{"host all all 127.0.0.0/7 trust", true, false},
		{"host all all 127.0.0.1/0 trust", true, false},
		{"host all all 127.0.0.1 0.0.0.0 trust", true, false},
		{"host all all 127.example.com trust", true, false},
		{"host all all localhost trust", false, false},
		{"host all all localhost.example.com trust", true, false},
		{"host all all ::1/128 trust", false, false},
		{"host all all ::1/64 trust", true, false},
		{"host all all samehost trust", false, false},
		{"host all all samenet trust", true, false},
		{"host all all all trust", true, false},
		{"hostnossl all all 192.168.0.0/16 trust", true, false},
		{"host somedb somebody 10.0.0.0/8 trust", true, false},
		{"host all all all trust", false, true},
	} {
		c.rules("local all all trust", test.rule)
		err := c.start(server.Config{TCP: "*:0", Insecure: test.insecure})
		if errors.Is(err, server.ErrTrusting) != test.trusting || err != nil && !test.trusting {
			t.Errorf("%s, insecure %t: got %v, want refused %t", test.rule, test.insecure, err, test.trusting)
		}
	}
}

// Where the rules cannot be read, nobody knows whom they trust; a password that is at hand is for reading them, not for
// being a stranger.
func TestTrustUnknown(t *testing.T) {
	c := newTrust(t)
	enginetest.Exec(t, c.conn, "set password_encryption = 'scram-sha-256'; alter role postgres password 'secret'")
	c.rules("local all all scram-sha-256", "host all all 192.168.0.0/16 scram-sha-256")
	c.reload()
	t.Cleanup(func() { // for the verification
		c.rules("local all all trust")
		c.reload()
	})
	t.Setenv("PGPASSFILE", filepath.Join(t.TempDir(), "none"))
	public := server.Config{TCP: "*:0"}
	if err := c.start(public); !errors.Is(err, server.ErrTrustUnknown) {
		t.Errorf("without the right to read the rules: got %v, want refused", err)
	}
	if err := c.start(server.Config{TCP: "0"}); err != nil {
		t.Errorf("on this machine alone: %v", err)
	}
	public.Insecure = true
	if err := c.start(public); err != nil {
		t.Errorf("insecure: %v", err)
	}
	public.Insecure = false
	t.Setenv("PGPASSWORD", "secret")
	if err := c.start(public); err != nil {
		t.Errorf("with the password: %v", err)
	}
	c.rules("local all all scram-sha-256", "host all all 192.168.0.0/16 trust")
	if err := c.start(public); !errors.Is(err, server.ErrTrusting) {
		t.Errorf("with the password: got %v, want refused", err)
	}
}

// A socket that a service manager has made may be open to every user.
func TestTrustOnOpenSocket(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the mode of a socket means nothing here")
	}
	dir, err := os.MkdirTemp("", "pglite-open-") // not in t.TempDir, which others cannot enter everywhere
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		if info, err := os.Stat(parent); err != nil || info.Mode()&0o001 == 0 {
			t.Skipf("SKIPPED: others cannot search %q (%v), so no socket below it is open to them: set TMPDIR to a directory that they can reach", parent, err)
		}
		if parent == filepath.Dir(parent) {
			break
		}
	}
	c := newTrust(t)
	for _, test := range []struct {
		rule              string
		socket, directory os.FileMode
		insecure, refused bool
	}{
		{"local all all trust", 0o666, 0o755, false, true},
		{"local all all trust", 0o666, 0o755, true, false},
		{"local all all trust", 0o666, 0o700, false, false},
		{"local all all trust", 0o660, 0o755, false, false},
		{"local all all trust", 0o600, 0o755, false, false},
	} {
		l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(dir, test.directory), os.Chmod(l.Addr().String(), test.socket)); err != nil {
			t.Fatal(err)
		}
		c.rules(test.rule)
		err = c.start(server.Config{Listeners: []net.Listener{l}, Insecure: test.insecure})
		if errors.Is(err, server.ErrTrusting) != test.refused || err != nil && !test.refused {
			t.Errorf("%s, socket %o in %o, insecure %t: got %v, want refused %t", test.rule, test.socket, test.directory, test.insecure, err, test.refused)
		}
		_ = l.Close()
	}
}

// Nobody can be told who a client of the Unix-domain socket is: to let him in as somebody would be to let in all.
func TestPeerAuthenticationFails(t *testing.T) {
	t.Parallel()
	c := newTrust(t)
	s := serve(t, c.db, both(t))
	c.rules("local all all peer")
	c.reload()
	t.Cleanup(func() {
		c.rules("local all all trust")
		c.reload()
	})
	_, err := pgx.Connect(context.Background(), uri(t, s, true))
	if err == nil || !strings.Contains(err.Error(), "Peer authentication failed") {
		t.Errorf("got %v, want a failed authentication", err)
	}
}

// What the environment says to clients is not for the server's own.
func TestSelfTestInForeignEnvironment(t *testing.T) {
	db := enginetest.Open(t, engine.Config{DataDir: engine.Memory}) // before: it is verified in the environment that we are in
	absent := filepath.Join(t.TempDir(), "absent")
	for name, value := range map[string]string{
		"PGSERVICE": "elsewhere", "PGSERVICEFILE": absent, "PGSSLMODE": "verify-full", "PGSSLNEGOTIATION": "direct", "PGHOST": "elsewhere.example.com",
		"PGTARGETSESSIONATTRS": "standby", "PGOPTIONS": "-c no_such=1", "PGCHANNELBINDING": "require", "PGREQUIREAUTH": "scram-sha-256", "PGSSLROOTCERT": absent,
		"PGMINPROTOCOLVERSION": "3.2",
	} {
		t.Setenv(name, value)
	}
	s, err := server.Start(context.Background(), db, server.Config{TCP: "0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
