//go:build unix

package cmd

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// forward lets a server that has only a socket be reached by TCP, and returns the port.
func forward(t *testing.T, socket string) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(server, client)
				_ = server.Close()
			}()
			go func() {
				_, _ = io.Copy(client, server)
				_ = client.Close()
			}()
		}
	}()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

// TestConnectHostaddr: hostaddr is where a connection goes to, whatever the host is called.
func TestConnectHostaddr(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	server := needNative(t)
	port := forward(t, server.socket)
	script := strings.NewReplacer("NUMBER", port, "DIR", filepath.Dir(server.socket)).Replace(`\c 'host=nowhere.invalid hostaddr=127.0.0.1 port=NUMBER user=postgres dbname=postgres sslmode=disable'
\echo :HOST :PORT
SELECT 'there' WHERE current_setting('unix_socket_directories') = 'DIR';
\c template1
\echo :HOST :DBNAME
\c 'hostaddr=127.0.0.1 port=NUMBER user=postgres dbname=postgres sslmode=disable'
\echo :HOST :PORT
\c 'hostaddr=127.0.0.1 port=1 user=postgres password=geheim sslmode=disable'
`)
	got := runInput(production(), "repl", script, "-D", "memory:", "-X", "-q", "-At")
	want := strings.ReplaceAll("nowhere.invalid NUMBER\nthere\nnowhere.invalid template1\n127.0.0.1 NUMBER\n", "NUMBER", port)
	if got.stdout != want || got.code != exitConnection || !strings.Contains(got.stderr, "127.0.0.1:1") || strings.Contains(got.stderr, "geheim") {
		t.Errorf("%+v", got)
	}
}
