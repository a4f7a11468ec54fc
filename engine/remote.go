package engine

import (
	"context"
	"net"
	"sync"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/relay"
)

// RunRemote runs a program whose connections go where dial leads: to a server that runs elsewhere. To the program that is a server on a
// Unix-domain socket, its default; dial does what there is to do about TLS. It is safe for concurrent use, as dial has to be.
func RunRemote(ctx context.Context, cfg Config, dial func(context.Context) (net.Conn, error), t Tool) (exitCode int, err error) {
	cfg.DataDir = ""
	g, err := newGuest(cfg, unlocked)
	if err != nil {
		return 0, err
	}
	defer g.close()
	connected, cut := context.WithCancel(context.WithoutCancel(ctx)) // cancelled, the program may want to tell the server
	var relays sync.WaitGroup
	defer relays.Wait()
	defer cut()
	g.kernel.Serve(g.socket(), func(guest *kernel.Conn) {
		relays.Go(func() {
			defer guest.Close()
			server, err := dial(connected)
			if err != nil {
				return // the program says that the server closed the connection
			}
			defer server.Close()
			_ = relay.Run(connected, server, guest, nil)
		})
	})
	return g.run(ctx, t)
}
