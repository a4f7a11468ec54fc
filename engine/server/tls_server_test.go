package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// secured is a server whose parameters switch TLS on, with certificates in its data directory.
type secured struct {
	t      *testing.T
	dir    string
	s      *server.Server
	own    *pgx.Conn
	ca     *authority
	client tls.Certificate
}

func newSecured(t *testing.T) *secured {
	t.Helper()
	x := &secured{t: t, dir: enginetest.DataDir(t), ca: newAuthority(t)}
	certificate := x.ca.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
	x.client = x.ca.issue(&x509.Certificate{
		Subject: pkix.Name{Country: []string{"DE"}, Organization: []string{"Ö, Inc"}, CommonName: "alice"}, SerialNumber: big.NewInt(4711),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	writePair(t, certificate, filepath.Join(x.dir, "server.crt"), filepath.Join(x.dir, "server.key"))
	x.write("root.crt", pemOf("CERTIFICATE", x.ca.cert.Raw))
	db := enginetest.Open(t, engine.Config{DataDir: x.dir})
	x.s = serve(t, db, both(t))
	x.own = connect(t, uri(t, x.s, true))
	for _, sql := range []string{
		"alter system set ssl = on", "alter system set ssl_ca_file = 'root.crt'",
		"set password_encryption = 'scram-sha-256'", "create role alice login password 'secret'",
	} {
		enginetest.Exec(t, x.own, sql)
	}
	if db.TLSConfig() != nil {
		t.Error("TLS is on before ssl is")
	}
	x.reload()
	if db.TLSConfig() == nil {
		t.Fatal("TLS is off, and ssl is on")
	}
	return x
}

// write makes a file in the data directory.
func (x *secured) write(name, content string) {
	x.t.Helper()
	if err := os.WriteFile(filepath.Join(x.dir, name), []byte(content), 0o600); err != nil {
		x.t.Fatal(err)
	}
}

// reload makes the postmaster read its configuration: it has done so before it takes the next client.
func (x *secured) reload() {
	x.t.Helper()
	enginetest.Exec(x.t, x.own, "select pg_reload_conf()")
	_ = connect(x.t, uri(x.t, x.s, true))
}

// rules writes pg_hba.conf, with a way in for the test itself.
func (x *secured) rules(lines ...string) {
	x.t.Helper()
	x.write("pg_hba.conf", "local all all trust\n"+strings.Join(lines, "\n")+"\n")
	x.reload()
}

// connect connects as alice; without TLS when plain.
func (x *secured) connect(plain bool, certificates ...tls.Certificate) (*pgx.Conn, error) {
	x.t.Helper()
	address, _, _ := strings.Cut(uri(x.t, x.s, false), "?")
	config, err := pgx.ParseConfig(address + "?sslmode=disable")
	if err != nil {
		x.t.Fatal(err)
	}
	config.User, config.Password = "alice", "secret"
	if !plain {
		roots := x509.NewCertPool()
		roots.AddCert(x.ca.cert)
		config.TLSConfig = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", Certificates: certificates}
	}
	return pgx.ConnectConfig(context.Background(), config)
}

// TestServerKnowsTLS: what PostgreSQL tells of a connection, and decides by it, is so for one whose TLS ends at the
// listener.
func TestServerKnowsTLS(t *testing.T) {
	t.Parallel()
	x := newSecured(t)
	const all = " all all 127.0.0.1/32 "
	for _, test := range []struct {
		name   string
		rules  []string
		plain  bool
		client bool   // shows its certificate
		want   string // of the refusal; empty when it is let in
	}{
		{"hostssl takes TLS", []string{"hostssl" + all + "scram-sha-256"}, false, false, ""},
		{"hostssl takes nothing else", []string{"hostssl" + all + "scram-sha-256"}, true, false, "no encryption"},
		{"hostnossl takes plain", []string{"hostnossl" + all + "scram-sha-256"}, true, false, ""},
		{"hostnossl takes nothing else", []string{"hostnossl" + all + "scram-sha-256"}, false, false, "SSL encryption"},
		{"hostnossl reject", []string{"hostnossl" + all + "reject", "host" + all + "scram-sha-256"}, false, false, ""},
		{"clientcert with", []string{"hostssl" + all + "scram-sha-256 clientcert=verify-ca"}, false, true, ""},
		{"clientcert without", []string{"hostssl" + all + "scram-sha-256 clientcert=verify-ca"}, false, false, "valid client certificate"},
		{"verify-full", []string{"hostssl" + all + "trust clientcert=verify-full"}, false, true, ""},
		{"cert", []string{"hostssl" + all + "cert"}, false, true, ""},
		{"cert by name", []string{"hostssl" + all + "cert clientname=DN map=m"}, false, true, ""},
		{"cert of another", []string{"hostssl" + all + "cert map=none"}, false, true, "certificate authentication failed"},
		{"samehost", []string{"host all all samehost scram-sha-256"}, true, false, ""},
		{"samenet", []string{"host all all samenet scram-sha-256"}, true, false, ""},
		{"localhost", []string{"host all all localhost scram-sha-256"}, true, false, ""},
		{"another name", []string{"host all all db.example.invalid scram-sha-256"}, true, false, "no pg_hba.conf entry"},
	} {
		x.write("pg_ident.conf", "m \"CN=alice,O=\\C3\\96\\, Inc,C=DE\" alice\nnone nobody alice\n")
		x.rules(test.rules...)
		var certificates []tls.Certificate
		if test.client {
			certificates = append(certificates, x.client)
		}
		conn, err := x.connect(test.plain, certificates...)
		if err == nil {
			_ = conn.Close(context.Background())
		}
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// TestPgStatSSL: the view and the parameters tell of the connection and of its client's certificate.
func TestPgStatSSL(t *testing.T) {
	t.Parallel()
	x := newSecured(t)
	x.rules("host all all 127.0.0.1/32 scram-sha-256")
	const state = `select concat_ws('|', ssl, version, cipher, bits, client_dn, client_serial, issuer_dn)
		from pg_stat_ssl where pid = pg_backend_pid()`
	for want, certificates := range map[string][]tls.Certificate{
		"t|TLSv1.3|TLS_AES_128_GCM_SHA256|128":                                              nil,
		"t|TLSv1.3|TLS_AES_128_GCM_SHA256|128|/C=DE/O=Ö\\, Inc/CN=alice|4711|/CN=authority": {x.client},
	} {
		conn, err := x.connect(false, certificates...)
		if err != nil {
			t.Fatal(err)
		}
		if got := enginetest.Get[string](t, conn, state); got != want {
			t.Errorf("pg_stat_ssl: %q, want %q", got, want)
		}
		_ = conn.Close(context.Background())
	}
	plain, err := x.connect(true)
	if err != nil {
		t.Fatal(err)
	}
	if got := enginetest.Get[string](t, plain, state); got != "f" {
		t.Errorf("pg_stat_ssl without TLS: %q", got)
	}
	if got := enginetest.Get[string](t, plain, "select concat_ws(' ', current_setting('ssl'), current_setting('ssl_library'))"); got != "on Go crypto/tls" {
		t.Errorf("parameters: %q", got)
	}
	_ = plain.Close(context.Background())
}

// TestSSLReload: what is wrong with the files is in the log and in pg_settings, the certificate before stays; ssl = off
// ends it.
func TestSSLReload(t *testing.T) {
	t.Parallel()
	x := newSecured(t)
	x.rules("host all all 127.0.0.1/32 scram-sha-256")
	good, err := os.ReadFile(filepath.Join(x.dir, "server.crt"))
	if err != nil {
		t.Fatal(err)
	}
	x.write("server.crt", "nonsense")
	x.reload()
	conn, err := x.connect(false)
	if err != nil {
		t.Fatalf("after a reload that failed: %v", err)
	}
	_ = conn.Close(context.Background())
	x.write("server.crt", string(good))
	enginetest.Exec(t, x.own, "alter system set ssl = off")
	x.reload()
	if conn, err := x.connect(false); err == nil {
		_ = conn.Close(context.Background())
		t.Error("TLS goes on after ssl = off")
	}
}

// TestChannelBinding: SCRAM-SHA-256-PLUS proves that nobody stands between the client and the server's certificate.
func TestChannelBinding(t *testing.T) {
	t.Parallel()
	x := newSecured(t)
	x.rules("host all all 127.0.0.1/32 scram-sha-256")
	config, err := pgx.ParseConfig(uri(t, x.s, false) + "?sslmode=require&channel_binding=require")
	if err != nil {
		t.Fatal(err)
	}
	config.User, config.Password = "alice", "secret"
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(context.Background())
}

// TestRequireTLSNeedsCertificate: TLS that nobody can use is not required.
func TestRequireTLSNeedsCertificate(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	s, err := server.Start(context.Background(), db, server.Config{TCP: "0", RequireTLS: true})
	if err == nil {
		_ = s.Close()
		t.Fatal("no error")
	}
	if !strings.Contains(err.Error(), "without a certificate") {
		t.Error(err)
	}
}
