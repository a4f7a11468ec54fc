package main

import (
	"fmt"
	"net/url"
	"strconv"
)

// target is a server to try the clients on. Over TCP, the role asks for a password by SCRAM and postgres is trusted.
type target struct {
	SocketDir      string
	Host           string
	Port           int    // of both sockets
	CA             string // file of the certificate that signs the server's
	Role, Password string
	DataDir        string
	Pglite         string // the program
	Runtime        string // that it uses; "" for its own
	UnixURL        string // DATABASE_URL as the server gives it
	TCPURL         string
}

// role and password of the target.
const (
	scramRole     = "compat"
	scramPassword = "geheim ÄÖ"
)

// hba is the target's pg_hba.conf.
const hba = "local all all trust\nhost all " + scramRole + " 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"

// setup makes the role.
const setup = "SET password_encryption = 'scram-sha-256'; CREATE ROLE " + scramRole + " LOGIN PASSWORD '" + scramPassword + "'"

// env tells a client's program about the target.
func (t target) env() []string {
	return []string{
		"COMPAT_SOCKET_DIR=" + t.SocketDir, "COMPAT_HOST=" + t.Host, "COMPAT_PORT=" + strconv.Itoa(t.Port), "COMPAT_CA=" + t.CA,
		"COMPAT_ROLE=" + t.Role, "COMPAT_PASSWORD=" + t.Password, "NODE_NO_WARNINGS=1",
		"COMPAT_URL_UNIX=" + t.UnixURL, "COMPAT_URL_TCP=" + t.TCPURL,
	}
}

// ways are the features that are ways to connect.
var ways = []string{"unix", "tcp", "tls", "scram", "url-unix", "url-tcp"}

// dsn returns a connection string, of keywords except where the feature is another form.
func (t target) dsn(over string) string {
	const common = " dbname=postgres connect_timeout=20"
	switch over {
	case "url-unix":
		return t.UnixURL
	case "url-tcp":
		return t.TCPURL
	case "unix":
		return fmt.Sprintf("host=%s port=%d user=postgres sslmode=disable", t.SocketDir, t.Port) + common
	case "tcp":
		return fmt.Sprintf("host=%s port=%d user=postgres sslmode=disable", t.Host, t.Port) + common
	case "tls":
		return fmt.Sprintf("host=%s port=%d user=postgres sslmode=verify-full sslrootcert=%s", t.Host, t.Port, t.CA) + common
	case "scram":
		return fmt.Sprintf("host=%s port=%d user=%s password='%s' sslmode=disable", t.Host, t.Port, t.Role, t.Password) + common
	}
	panic("no way called " + over)
}

// url returns the TCP connection URI.
func (t target) url() string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: fmt.Sprintf("%s:%d", t.Host, t.Port), Path: "/postgres", RawQuery: "sslmode=disable"}
	return u.String()
}
