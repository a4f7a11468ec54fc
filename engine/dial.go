package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// DialFrom is Dial on behalf of a client that has come over TCP: to the server, the connection has the addresses local
// and remote, in pg_hba.conf, the log and pg_stat_activity. With addresses that are not valid it is a Unix-domain
// client.
func (db *DB) DialFrom(ctx context.Context, local, remote netip.AddrPort) (net.Conn, error) {
	own, err := db.server.own()
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	conn, err := own.dialAs(ctx, clientFrom(local, remote))
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// queuePatience is how long a client waits until the postmaster has taken those before it: it takes hundreds in a
// second.
const queuePatience = 20 * time.Second

// errQueueFull means that the postmaster has too many connections to accept.
var errQueueFull = errors.New("the server does not take connections as fast as they come")

// clientFrom describes a client with TCP addresses, a Unix-domain client when they are not valid.
func clientFrom(local, remote netip.AddrPort) kernel.Client {
	if !local.IsValid() || !remote.IsValid() {
		return kernel.Client{}
	}
	return kernel.Client{Local: kernel.TCPAddress(local), Remote: kernel.TCPAddress(remote)}
}

func (s *ownServer) dialAs(ctx context.Context, client kernel.Client) (*kernel.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.gone(); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, queuePatience, errQueueFull)
	defer cancel()
	conn, err := s.guest.kernel.Dial(ctx, s.guest.socket(), client)
	if err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	return conn, nil
}

// Reload makes the server read its configuration files again, as pg_ctl reload does.
func (db *DB) Reload() error {
	own, err := db.server.own()
	if err == nil {
		err = own.gone()
	}
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	own.postmaster.Signal(kernel.SIGHUP)
	return nil
}
