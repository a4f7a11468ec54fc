package pgclient

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// others are all variables of libpq 18 (https://www.postgresql.org/docs/18/libpq-envars.html) that are about a server,
// each with a value which would break a connection to ours, and those of pgx and older versions.
var others = map[string]string{
	"PGHOST": "db.example.invalid", "PGHOSTADDR": "192.0.2.1", "PGPORT": "nonsense", "PGPASSFILE": "/nowhere/pgpass",
	"PGREQUIREAUTH": "scram-sha-256", "PGCHANNELBINDING": "require", "PGSERVICE": "elsewhere", "PGSERVICEFILE": "/nowhere/services",
	"PGSSLMODE": "verify-full", "PGREQUIRESSL": "1", "PGSSLNEGOTIATION": "direct", "PGSSLCOMPRESSION": "x", "PGSSLCERT": "/nowhere/cert",
	"PGSSLKEY": "/nowhere/key", "PGSSLCERTMODE": "require", "PGSSLROOTCERT": "/nowhere/root", "PGSSLCRL": "/nowhere/crl",
	"PGSSLCRLDIR": "/nowhere", "PGSSLSNI": "x", "PGREQUIREPEER": "nobody", "PGSSLMINPROTOCOLVERSION": "x", "PGSSLMAXPROTOCOLVERSION": "x",
	"PGGSSENCMODE": "require", "PGKRBSRVNAME": "x", "PGGSSLIB": "x", "PGGSSDELEGATION": "x", "PGCONNECT_TIMEOUT": "nonsense",
	"PGTARGETSESSIONATTRS": "standby", "PGLOADBALANCEHOSTS": "random", "PGMINPROTOCOLVERSION": "3.2", "PGMAXPROTOCOLVERSION": "nonsense",
	"PGSYSCONFDIR": "/nowhere", "PGSSLPASSWORD": "x", "PGSSLKEYLOGFILE": "/nowhere/log", "PGOAUTHDEBUG": "x", "PGREALM": "x",
}

// TestEveryVariable: each variable of libpq is either about a server, and then nothing that we connect with or start a
// command with knows of it, or about a session.
func TestEveryVariable(t *testing.T) {
	for _, name := range sessionVariables {
		if NamesServer(name) {
			t.Errorf("%s is about a session", name)
		}
	}
	untouched := Own(nil, Login{User: "u", Database: "d"})
	for name, value := range others {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if !NamesServer(name) {
				t.Error("it is taken for one of a session")
			}
			if kept := Environment(append(os.Environ(), "KEPT=1")); slices.Contains(kept, name+"="+value) || !slices.Contains(kept, "KEPT=1") {
				t.Errorf("the environment of a command: %q", kept)
			}
			made := Own(nil, Login{User: "u", Database: "d"})
			if !same(made, untouched) {
				t.Errorf("it changes the connection: %+v", made)
			}
			fresh := Apart(pgconn.ParseConfig, func(c *pgconn.Config) { // as when the program is started with it
				c.Password, c.Fallbacks, c.RuntimeParams, c.User, c.Database = "", nil, map[string]string{}, "u", "d"
			})
			if !same(fresh, untouched) {
				t.Errorf("it changes what the program starts with: %+v", fresh)
			}
			if os.Getenv(name) != value {
				t.Error("it is not there any more")
			}
		})
	}
}

// same compares what is not a function.
func same(a, b *pgconn.Config) bool {
	first, second := reflect.ValueOf(*a), reflect.ValueOf(*b)
	for i := range first.NumField() {
		if f := first.Field(i); f.Kind() != reflect.Func && first.Type().Field(i).IsExported() && !reflect.DeepEqual(f.Interface(), second.Field(i).Interface()) {
			return false
		}
	}
	return true
}

// TestSessionVariables: what a session begins with.
func TestSessionVariables(t *testing.T) {
	for _, name := range sessionVariables {
		t.Setenv(name, "")
	}
	if got := Parameters(os.Getenv); !reflect.DeepEqual(got, map[string]string{"application_name": "pglite", "client_encoding": "UTF8"}) {
		t.Errorf("with nothing: %v", got)
	}
	for name, value := range map[string]string{
		"PGOPTIONS": "-c work_mem=1MB", "PGAPPNAME": "me", "PGCLIENTENCODING": "LATIN1", "PGDATESTYLE": "German", "PGTZ": "Europe/Berlin", "PGGEQO": "DEFAULT",
	} {
		t.Setenv(name, value)
	}
	want := map[string]string{
		"options": "-c work_mem=1MB", "application_name": "me", "client_encoding": "LATIN1", "datestyle": "German", "timezone": "Europe/Berlin",
	}
	if got := Parameters(os.Getenv); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestPasswordFileIsForOthers: the user's password file names other servers, and PGPASSWORD is for any.
func TestPasswordFileIsForOthers(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("PGPASSWORD", "")
	if err := os.WriteFile(filepath.Join(home, ".pgpass"), []byte("*:*:*:*:wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := Own(nil, Login{User: "u"}); c.Password != "" {
		t.Errorf("the password %q", c.Password)
	}
	t.Setenv("PGPASSWORD", "right")
	if c := Own(nil, Login{User: "u"}); c.Password != "right" {
		t.Errorf("the password %q", c.Password)
	}
	if c := Own(nil, Login{User: "u", Password: "given"}); c.Password != "given" {
		t.Errorf("the password %q", c.Password)
	}
}

// TestOpenOwn connects with all variables set.
func TestOpenOwn(t *testing.T) {
	for name, value := range others {
		t.Setenv(name, value)
	}
	t.Setenv("PGAPPNAME", "me")
	var startup *pgproto3.StartupMessage
	dial := func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			b := pgproto3.NewBackend(theirs, theirs)
			if m, err := b.ReceiveStartupMessage(); err == nil {
				startup, _ = m.(*pgproto3.StartupMessage)
			}
			b.Send(&pgproto3.AuthenticationOk{})
			b.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{1, 2, 3, 4}})
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			_ = b.Flush()
			for {
				m, err := b.Receive()
				if _, sync := m.(*pgproto3.Sync); err != nil || !sync {
					return
				}
				b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				_ = b.Flush()
			}
		}()
		return ours, nil
	}
	s, err := OpenOwn(t.Context(), dial, Login{User: "u", Database: "d"}, map[string]string{"options": "-c a=b"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	want := map[string]string{"user": "u", "database": "d", "application_name": "me", "client_encoding": "UTF8", "options": "-c a=b"}
	if startup == nil || !reflect.DeepEqual(startup.Parameters, want) || s.PasswordUsed {
		t.Errorf("the startup packet: %+v", startup)
	}
}

// TestRemoteDropsHints: what libpq knows and pgx does not is not sent to the server.
func TestRemoteDropsHints(t *testing.T) {
	for name := range others {
		t.Setenv(name, "") // which puts it back at the end
		_ = os.Unsetenv(name)
	}
	config, err := ParseRemote("host=h user=u keepalives=1 sslcompression=0 gssencmode=prefer application_name=x sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	if got := config.RuntimeParams; !reflect.DeepEqual(got, map[string]string{"application_name": "x"}) {
		t.Errorf("the server is sent %v", got)
	}
	if _, err := ParseRemote("host=h password=geheim requirepeer=me"); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%v", err)
	}
}
