package server_test

import (
	"testing"

	"github.com/pglite-toolbox/pglite/engine/server"
)

// TestOnePort: clients have one PGPORT for both kinds of socket, so the Unix-domain socket has the number of the TCP
// port.
func TestOnePort(t *testing.T) {
	t.Parallel()
	for _, port := range []int{0, 5511} {
		s, err := server.Listen(server.Config{SocketDir: t.TempDir(), TCP: "0", Port: port})
		if err != nil {
			t.Fatal(err)
		}
		a := s.Addresses()
		if want := a[1].Port; len(a) != 2 || !a[0].IsUnix() || port == 0 && a[0].Port != want || port != 0 && a[0].Port != port {
			t.Errorf("port %d: %v", port, a)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
