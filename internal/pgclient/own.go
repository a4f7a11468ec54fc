package pgclient

import (
	"cmp"
	"context"
	"net"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Login says who connects to pglite's own cluster.
type Login struct {
	User, Database string
	Password       string                   // "" for the one in PGPASSWORD
	Getenv         func(name string) string // the environment; nil is that of the Go program
}

func (l Login) getenv(name string) string { return environment(l.Getenv)(name) }

// environment returns the environment of the Go program for nil.
func environment(getenv func(name string) string) func(name string) string {
	if getenv == nil {
		return os.Getenv
	}
	return getenv
}

// Dial connects to a server. The startup packet is the caller's to send.
type Dial = func(ctx context.Context) (net.Conn, error)

// Own returns how to connect to pglite's own cluster, which dial leads to. Of the environment only PGPASSWORD counts,
// and no file does. The session begins with no parameters.
func Own(dial Dial, login Login) *pgconn.Config {
	config := ownTemplate.Copy()
	config.User, config.Database = login.User, login.Database
	config.Password = cmp.Or(login.Password, login.getenv("PGPASSWORD"))
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		return &answered{Conn: conn}, nil
	}
	return config
}

// OwnString is a connection string that says all that pgx would otherwise take from the environment or a file of the
// user. A service is the exception: see Apart.
const OwnString = "host=/ port=5432 user=postgres dbname=postgres password=unused sslmode=disable sslnegotiation=postgres " +
	"sslcertmode=disable sslcert='' sslkey='' sslrootcert='' sslpassword='' sslsni=0 channel_binding=disable require_auth='' " +
	"min_protocol_version=3.0 max_protocol_version=3.0 target_session_attrs=any connect_timeout=0"

// ownAddress is where OwnString connects, as pgx names it: nowhere. Errors do without it.
const ownAddress = "/.s.PGSQL.5432 (/): "

// IsOwn reports whether a connection that failed was to pglite's own cluster.
func IsOwn(err *pgconn.ConnectError) bool { return err.Config != nil && err.Config.Host == "/" }

// WithoutAddress returns the text of an error about a connection to the own cluster.
func WithoutAddress(err error) string { return strings.ReplaceAll(err.Error(), ownAddress, "") }

// ownTemplate is made while the program starts, as Apart wants it.
var ownTemplate = Apart(pgconn.ParseConfig, func(c *pgconn.Config) {
	c.Password, c.Fallbacks, c.RuntimeParams = "", nil, map[string]string{}
})

// Apart has a function of pgx read OwnString without the user's environment. pgx makes a configuration by reading a
// string only, reads PGSERVICE whatever the string says, and fails when there is no such service. So the variable is
// hidden meanwhile: Apart is for the initialisation of packages, when no other goroutine looks.
func Apart[T any](parse func(string) (T, error), finish func(T)) T {
	if service, set := os.LookupEnv("PGSERVICE"); set {
		_ = os.Unsetenv("PGSERVICE")
		defer func() { _ = os.Setenv("PGSERVICE", service) }()
	}
	config, err := parse(OwnString)
	if err != nil {
		panic("pgclient: " + err.Error()) // the string is ours
	}
	finish(config)
	return config
}
