package server_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine/server"
)

func TestURI(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		address        server.Address
		user, database string
		want           string
	}{
		{server.Address{Host: "/tmp", Port: 5432}, "postgres", "postgres", "postgresql:///postgres?host=%2Ftmp&user=postgres"},
		{server.Address{Host: "/tmp", Port: 5433}, "joe", "db", "postgresql:///db?host=%2Ftmp&port=5433&user=joe"},
		{server.Address{Host: "/a b+c", Port: 5432}, "j&o=e", "d/b?", "postgresql:///d/b%3F?host=%2Fa%20b%2Bc&user=j%26o%3De"},
		{server.Address{Host: "127.0.0.1", Port: 5432}, "postgres", "postgres", "postgresql://postgres@127.0.0.1:5432/postgres?sslmode=disable"},
		{server.Address{Host: "::1", Port: 1, TLS: true}, "j@e", "db", "postgresql://j%40e@[::1]:1/db"},
	} {
		got := test.address.URI(test.user, test.database)
		if got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		// As WHATWG's parser, which JavaScript uses, has it: no user without a host.
		if u, err := url.Parse(got); err != nil || u.User != nil && u.Host == "" {
			t.Errorf("%s cannot be parsed: %v", got, err)
		}
	}
}

// What is printed can be connected to, without anything else, by whatever reads a URI.
func TestURIConnects(t *testing.T) {
	t.Parallel()
	cfg, _ := tlsConfig(t)
	for name, s := range map[string]*server.Server{"plain": first(open(t, both(t), nil)), "tls": first(open(t, cfg, nil))} {
		for _, a := range s.Addresses() {
			at := a.URI("postgres", "postgres")
			t.Run(name+" "+at, func(t *testing.T) {
				connect(t, at)
				if psql, err := exec.LookPath("psql"); err == nil {
					if out, err := exec.Command(psql, "-XAt", at, "-c", "select 40 + 2").CombinedOutput(); err != nil || string(out) != "42\n" {
						t.Errorf("psql: %v, %q", err, out)
					}
				}
				if node, err := exec.LookPath("node"); err == nil {
					if out, err := exec.Command(node, "-e", "new URL(process.argv[1])", at).CombinedOutput(); err != nil {
						t.Errorf("node: %v\n%s", err, out)
					}
				}
			})
		}
	}
}

func first[A, B any](a A, _ B) A { return a }

// Clients find a socket by its name only.
func TestActivatedSocketNames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{".s.PGSQL.5432": true, ".s.PGSQL.1": true, "pglite.sock": false, ".s.PGSQL.": false, ".s.PGSQL.x": false, "a.5432": false} {
		dir, err := os.MkdirTemp("", "pglite-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		s, err := server.Listen(server.Config{Listeners: []net.Listener{l}})
		switch {
		case err == nil && !ok:
			t.Errorf("%s is taken, as %v", name, s.Addresses())
		case err != nil && (ok || !strings.Contains(err.Error(), "clients look for")):
			t.Errorf("%s: %v", name, err)
		case err == nil && s.Addresses()[0].Host != dir:
			t.Errorf("%s: %v", name, s.Addresses())
		}
		if err == nil {
			_ = s.Close()
		}
		_ = l.Close()
	}
}

func TestURIOfActivatedSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.7777"))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := open(t, server.Config{Listeners: []net.Listener{l}}, nil)
	conn, err := pgx.Connect(context.Background(), s.Addresses()[0].URI("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(context.Background())
}
