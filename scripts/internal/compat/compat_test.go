package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// start makes a target in this process.
func start(t *testing.T) target {
	t.Helper()
	dir := t.TempDir()
	to := target{SocketDir: dir, CA: filepath.Join(dir, "server.crt"), Role: scramRole, Password: scramPassword}
	key := filepath.Join(dir, "server.key")
	if err := writeCertificate(to.CA, key); err != nil {
		t.Fatal(err)
	}
	data := enginetest.DataDir(t)
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o600); err != nil {
		t.Fatal(err)
	}
	db := enginetest.Open(t, engine.Config{DataDir: data})
	enginetest.Exec(t, enginetest.Connect(t, db), setup)
	s, err := server.Start(context.Background(), db, server.Config{SocketDir: dir, TCP: "0", CertFile: to.CA, KeyFile: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the cluster is verified and closed after that
	for _, a := range s.Addresses() {
		if a.IsUnix() {
			to.UnixURL = a.URI("postgres", "postgres")
			continue
		}
		to.TCPURL, to.Host, to.Port = a.URI("postgres", "postgres"), a.Host, a.Port
	}
	to.DataDir, to.Runtime, to.Pglite = data, enginetest.Runtime(t), build(t)
	return to
}

// build makes the program, whose psql attaches to this process.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pglite")
	if out, err := exec.Command("go", "build", "-o", program, "../../..").CombinedOutput(); err != nil {
		t.Fatalf("build pglite: %v: %s", err, out)
	}
	return program
}

func TestGoClientsAndPsql(t *testing.T) {
	t.Parallel()
	to := start(t)
	for _, client := range []struct {
		name string
		try  func(target) report
	}{
		{"pgx", tryPgx},
		{"lib/pq", tryPq},
		{"pglite tool psql", tryOwnPsql},
		{"psql", tryForeignPsql},
	} {
		t.Run(client.name, func(t *testing.T) {
			if _, err := exec.LookPath("psql"); client.name == "psql" && err != nil {
				t.Skip("SKIPPED, NOTHING WAS TESTED: there is no psql in PATH")
			}
			for _, failure := range client.try(to).failures() {
				t.Error(failure)
			}
		})
	}
}

func TestWriteWantsAllClients(t *testing.T) {
	t.Parallel()
	err := options{write: "clients.md", only: "pgx"}.run(context.Background(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "leave --only out") {
		t.Errorf("got %v", err)
	}
}

func TestReadReport(t *testing.T) {
	t.Parallel()
	version, r := readReport([]byte("version\t1.2\t\nunix\tok\t\nnoise\ncancel\tfail\twas\ttold nothing\nbinary\tnone\ttext only\n"))
	if version != "1.2" || len(r) != 3 || r["cancel"] != (outcome{statusFail, "was\ttold nothing"}) {
		t.Errorf("got %q, %v", version, r)
	}
	failures := strings.Join(r.failures(), "; ")
	for _, text := range []string{"cancel: was", "tcp: no report"} {
		if !strings.Contains(failures, text) {
			t.Errorf("%q is not in %q", text, failures)
		}
	}
	if strings.Contains(failures, "binary:") || strings.HasPrefix(failures, "unix:") {
		t.Errorf("what is fine is a failure: %q", failures)
	}
}
