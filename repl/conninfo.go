package repl

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/wire"
	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// conninfoCommand shows what is known of the connection.
func conninfoCommand(_ context.Context, r *scriptRun, _ *call) error {
	if r.unusable != nil {
		r.stdout().WriteString("You are currently not connected to a database.\n")
		return r.stdout().Flush()
	}
	g := &format.Grid{Columns: []format.Column{{Name: "Parameter"}, {Name: "Value"}}}
	add := func(name, value string) { g.Rows = append(g.Rows, []*string{&name, &value}) }
	add("Database", r.Database)
	add("Client User", r.User)
	r.addTransport(add)
	add("Options", r.Streams.Getenv("PGOPTIONS"))
	add("Protocol Version", "3.0")
	add("Password Used", fmt.Sprint(r.PasswordUsed))
	add("GSSAPI Authenticated", "false")
	add("Backend PID", fmt.Sprint(r.PID))
	addEncryption(r.Conn, add)
	add("Superuser", cmp.Or(r.Status["is_superuser"], "unknown"))
	add("Hot Standby", cmp.Or(r.Status["in_hot_standby"], "unknown"))
	return r.table(g, catalog.Look{Title: "Connection Information"})
}

// addTransport tells how the server is reached.
func (r *scriptRun) addTransport(add func(name, value string)) {
	switch {
	case r.Host == "":
		add("Transport", "in process, or the private socket of the cluster's owner")
		return
	case strings.HasPrefix(r.Host, "/"):
		add("Socket Directory", r.Host)
	default:
		add("Host", r.Host)
		if address, _, err := net.SplitHostPort(r.Conn.RemoteAddr().String()); err == nil && address != r.Host {
			add("Host Address", address)
		}
	}
	add("Server Port", r.Port)
}

// addEncryption tells how the connection is encrypted.
func addEncryption(conn net.Conn, add func(name, value string)) {
	if watched, ok := conn.(*wire.Conn); ok {
		conn = watched.Conn
	}
	encrypted, ok := conn.(*tls.Conn)
	add("SSL Connection", fmt.Sprint(ok))
	if !ok {
		return
	}
	state := encrypted.ConnectionState()
	cipher := tls.CipherSuiteName(state.CipherSuite)
	bits := "128"
	if strings.Contains(cipher, "256_") || strings.Contains(cipher, "CHACHA20") {
		bits = "256"
	}
	add("SSL Library", "Go crypto/tls")
	add("SSL Protocol", strings.Replace(tls.VersionName(state.Version), "TLS ", "TLSv", 1))
	add("SSL Key Bits", bits)
	add("SSL Cipher", cipher)
	add("SSL Compression", "false")
	add("ALPN", cmp.Or(state.NegotiatedProtocol, "none"))
}
