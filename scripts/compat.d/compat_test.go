package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/enginetest"
	"github.com/pglite-toolbox/pglite/engine/server"
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
	t.Cleanup(func() {
		s.StopListening()
		_ = db.Close()
		_ = s.Close()
	})
	for _, a := range s.Addresses() {
		if !a.IsUnix() {
			to.Host, to.Port = a.Host, a.Port
		}
	}
	return to
}

func TestGoClientsAndPsql(t *testing.T) {
	to := start(t)
	clients := map[string]func() report{
		"pgx":    func() report { return tryPgx(to) },
		"lib/pq": func() report { return tryPq(to) },
	}
	if _, err := exec.LookPath("psql"); err == nil {
		clients["psql"] = func() report { return foreignPsql(to).try("unix", "tcp", "tls", "scram") }
	}
	for name, try := range clients {
		t.Run(name, func(t *testing.T) {
			for _, failure := range try().failures() {
				t.Error(failure)
			}
		})
	}
}

func TestReadReport(t *testing.T) {
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
	if strings.Contains(failures, "binary") || strings.Contains(failures, "unix") {
		t.Errorf("what is fine is a failure: %q", failures)
	}
}

func TestMarkers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clients.md")
	if err := os.WriteFile(file, []byte("before\n"+beginMarker+"old\n"+endMarker+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceBetweenMarkers(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(file); string(b) != "before\n"+beginMarker+"new\n"+endMarker+"after\n" {
		t.Errorf("got %q", b)
	}
	if err := replaceBetweenMarkers(file+"x", ""); err == nil {
		t.Error("no error without a file")
	}
}
