//go:build unix

package cmd

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
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

func TestHostAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"hostaddr=::1":                          "::1 ::1 name=::1",
		"host=h hostaddr=127.0.0.9":             "h 127.0.0.9 name=h",
		"host=/tmp hostaddr=127.0.0.9":          "127.0.0.9 127.0.0.9 name=127.0.0.9",
		"host=h,i hostaddr=127.0.0.9,127.0.0.8": "h 127.0.0.9 name=h i 127.0.0.8 name=i",
		"host=h,h hostaddr=127.0.0.9,127.0.0.8": "h 127.0.0.9 127.0.0.8 name=h h 127.0.0.9 127.0.0.8 name=h",
		"postgres://h/?hostaddr=127.0.0.9":      "h 127.0.0.9 name=h",
		"host=127.0.0.7,h hostaddr=,127.0.0.9":  "127.0.0.7 127.0.0.7 name=127.0.0.7 h 127.0.0.9 name=h",
	} {
		k, err := parseKeywords(text)
		if err != nil {
			t.Fatal(err)
		}
		k["sslmode"] = "verify-full"
		config, err := remoteConfig(k)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		add := func(host, name string) {
			addresses, err := config.LookupFunc(t.Context(), host)
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			got = slices.Concat(got, []string{host}, addresses, []string{"name=" + name})
		}
		add(config.Host, config.TLSConfig.ServerName)
		for _, other := range config.Fallbacks {
			add(other.Host, other.TLSConfig.ServerName)
		}
		if strings.Join(got, " ") != want || config.RuntimeParams["hostaddr"] != "" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	services := filepath.Join(t.TempDir(), "services")
	if err := os.WriteFile(services, []byte("[there]\nhostaddr=127.0.0.9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, k := range map[string]keywords{
		`could not parse network address "localhost"`:     {"hostaddr": "localhost"},
		"could not match 2 host names to 1 hostaddr":      {"hostaddr": "::1", "host": "a,b"},
		"hostaddr in the file of services is not support": {"service": "there", "servicefile": services},
	} {
		if _, err := remoteConfig(k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", k, err)
		}
	}
}
