package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
)

func (p *program) serveCommand() *cli.Command {
	return &cli.Command{
		Name:      "serve",
		Usage:     "let other programs connect to the cluster",
		UsageText: "pglite serve [options] [-- COMMAND [arguments]]",
		Description: `Listens on a Unix-domain socket, or on the TCP address given, until it is interrupted. Then it disconnects the
clients and shuts the cluster down. A second interrupt shuts down without delay. SIGHUP reads the configuration
files again.

With COMMAND it serves as long as COMMAND runs, and ends with its exit code. COMMAND gets DATABASE_URL, PGHOST, PGPORT,
PGUSER and PGDATABASE. Unless told otherwise, serve then listens on a socket that nobody else uses. Signals go to
COMMAND; the second one kills it. All that follows COMMAND belongs to it.

Examples:
   pglite serve                                      psql -h /tmp -U postgres connects
   pglite serve --tcp 5432 --print-uri
   pglite -D memory: serve --tcp 0 -- go test ./...
   pglite serve --tcp 5432 --tls-self-signed         sslmode=require connects
   pglite serve --tap                                shows what clients and the server say to each other`,
		Flags:  serveFlags(),
		Action: p.serve,
	}
}

func serveFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "socket-dir", Usage: "directory `DIR` of the Unix-domain socket .s.PGSQL.PORT (default " + defaultSocketDir + " unless --tcp is given)"},
		&cli.StringFlag{Name: "port", Usage: "`PORT` in the name of the Unix-domain socket (default that of --tcp, else 5432)"},
		&cli.StringFlag{Name: "tcp", Usage: "listen on the TCP address `[HOST:]PORT`; HOST is 127.0.0.1 unless given, * is every address; port 0 picks one"},
		&cli.StringFlag{Name: "tls-cert", Usage: "PEM `FILE` of the certificate: TCP clients can use TLS then"},
		&cli.StringFlag{Name: "tls-key", Usage: "PEM `FILE` of the certificate's key"},
		&cli.BoolFlag{Name: "tls-self-signed", Usage: "let TCP clients use TLS with a certificate that pglite makes once and keeps for the user"},
		&cli.BoolFlag{Name: "require-tls", Usage: "refuse TCP clients that do not use TLS"},
		&cli.BoolFlag{Name: "insecure", Usage: "listen beyond this machine although pg_hba.conf trusts everybody"},
		&cli.BoolFlag{Name: "print-uri", Usage: "print the connection URI to standard output when ready"},
		&cli.StringFlag{Name: "max-connections", Usage: "let in at most `N` sessions (the server parameter max_connections)"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show the server's log only when the server fails: the default with COMMAND, unless -v is given"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "write the log to standard error as `text or json`"},
	}, watchFlags()...)
}

// defaultSocketDir is where libpq looks on most systems; Windows has no such place.
var defaultSocketDir = map[bool]string{true: "none", false: "/tmp"}[runtime.GOOS == "windows"]

// serve runs the server until a signal or the end of its command ends it.
func (p *program) serve(c *cli.Context) (err error) {
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	watch, err := newClientWatch(c, p.streams)
	if err != nil {
		return err
	}
	command := c.Args().Slice()
	if err := findCommand(command); err != nil {
		return err
	}
	quiet := c.Bool("quiet") || len(command) > 0 && !c.Bool("verbose")
	log, err := newServeLog(c.String("log-format"), watch.log, quiet)
	if err != nil {
		return err
	}
	defer log.report(&err)
	defer watch.close(&err)
	if n := c.String("max-connections"); n != "" {
		if i, err := strconv.Atoi(n); err != nil || i < 1 {
			return &usageError{"serve", fmt.Sprintf("--max-connections %q: want a number of sessions", n)}
		}
		cfg.Settings = withSetting(cfg.Settings, "max_connections", n)
	}
	cfg.Log = log.server
	log.notices(&cfg)
	if log.prefix != "" {
		cfg.Settings = withSetting(cfg.Settings, "log_line_prefix", log.prefix)
	}
	door, remove, err := doorConfig(c, cfg, log.own)
	if err != nil {
		return err
	}
	defer remove()
	if c.Bool("tls-self-signed") {
		if err := useSelfSigned(c.Context, &door, log.own); err != nil {
			return err
		}
	}
	showCertificate(&cfg, door)
	var s *serving
	s = &serving{
		cfg: cfg, log: log.own, out: p.streams.Out, printURI: c.Bool("print-uri"), command: command,
		streams: p.streams, open: func(ctx context.Context) (servedCluster, error) {
			cfg := cfg
			cfg.Port = s.port()
			db, err := p.openServed(ctx, cfg)
			if err != nil {
				return nil, err
			}
			return watch.over(db, log.own)
		},
	}
	return s.run(c.Context, door)
}

// showCertificate makes the server's parameters say what the listener does: TLS with a certificate of its own.
func showCertificate(cfg *clusterConfig, door server.Config) {
	if door.CertFile == "" {
		return
	}
	cfg.OwnCertificate = true
	cfg.Settings = withSetting(cfg.Settings, "ssl", "on")
	cfg.Settings = withSetting(cfg.Settings, "ssl_cert_file", door.CertFile)
	cfg.Settings = withSetting(cfg.Settings, "ssl_key_file", door.KeyFile)
}

// servedCluster is a cluster that this process owns and can let others into.
type servedCluster interface {
	cluster
	server.Cluster
	Reload() error
	CloseImmediately() error
	Done() <-chan struct{}
	Err() error
}

func (p *program) openServed(ctx context.Context, cfg clusterConfig) (servedCluster, error) {
	cfg.Serve = true
	db, err := p.backend.open(ctx, cfg)
	if errors.As(err, new(*engine.LockedError)) {
		return nil, fmt.Errorf("%w; serve runs the server in its own process, as others attach to it", err)
	}
	if err != nil {
		return nil, err
	}
	served, ok := db.(servedCluster)
	if !ok {
		return nil, fmt.Errorf("the cluster cannot be served (%T): %w", db, db.Close())
	}
	return served, nil
}

// doorConfig tells where to listen. remove removes what was made for it.
func doorConfig(c *cli.Context, cfg clusterConfig, log *slog.Logger) (door server.Config, remove func(), err error) {
	door = server.Config{
		SocketDir: c.String("socket-dir"), TCP: c.String("tcp"), Insecure: c.Bool("insecure"),
		CertFile: c.String("tls-cert"), KeyFile: c.String("tls-key"), RequireTLS: c.Bool("require-tls"),
		User: cfg.User, Database: cfg.Database, Log: log,
	}
	remove = func() {}
	if port := c.String("port"); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return door, remove, &usageError{"serve", fmt.Sprintf("--port %q: want a number from 1 to 65535", port)}
		}
		door.Port = int(n)
	}
	if door.Listeners, err = activatedListeners(); err != nil {
		return door, remove, err
	}
	switch {
	case door.SocketDir != "" || door.TCP != "" || len(door.Listeners) > 0:
	case runtime.GOOS == "windows" && c.NArg() > 0:
		door.TCP = "0"
	case runtime.GOOS == "windows":
		door.TCP = "5432"
	case c.NArg() > 0:
		door.SocketDir, remove, err = privateDir()
	default:
		door.SocketDir = defaultSocketDir
	}
	if err == nil {
		err = tlsNeedsTCP(c, door)
	}
	if err != nil {
		remove()
	}
	return door, remove, err
}

// tlsNeedsTCP refuses options of TLS that no client could use.
func tlsNeedsTCP(c *cli.Context, door server.Config) error {
	tcp := func(l net.Listener) bool { return l.Addr().Network() == "tcp" }
	if door.TCP != "" || slices.ContainsFunc(door.Listeners, tcp) {
		return nil
	}
	for _, name := range []string{"tls-cert", "tls-key", "tls-self-signed", "require-tls"} {
		if c.IsSet(name) {
			return &usageError{"serve", "--" + name + " is for TCP clients: give --tcp [HOST:]PORT as well"}
		}
	}
	return nil
}

func withSetting(settings map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for n, v := range settings {
		all[n] = v // --set wins
	}
	return all
}

// printURIs prints where clients find the server.
func printURIs(w io.Writer, uris []string) error {
	for _, uri := range uris {
		if _, err := fmt.Fprintln(w, uri); err != nil {
			return err
		}
	}
	return nil
}
