package engine

import (
	"context"
	"sync"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/relay"
)

// runRemote runs a program whose connections are Tool.Dial's.
func runRemote(ctx context.Context, cfg Config, t Tool) (exitCode int, err error) {
	cfg.DataDir = ""
	g, err := newGuest(cfg, unlocked)
	if err != nil {
		return 0, err
	}
	defer g.close()
	connected, cut := context.WithCancel(context.WithoutCancel(ctx)) // a cancelled program may still tell the server
	var relays sync.WaitGroup
	defer relays.Wait()
	defer cut()
	g.kernel.Serve(g.socket(), func(guest *kernel.Conn) {
		relays.Go(func() {
			defer guest.Close()
			server, err := t.Dial(connected)
			if err != nil {
				return // the program says that the server closed the connection
			}
			defer server.Close()
			_ = relay.Run(connected, server, guest, nil)
		})
	})
	return g.run(ctx, t)
}
