package engine

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// DialFrom is Dial on behalf of a client that has come over TCP: to the server, the connection has the addresses local and remote,
// in pg_hba.conf, the log and pg_stat_activity. With addresses that are not valid it is a Unix-domain client.
func (db *DB) DialFrom(ctx context.Context, local, remote netip.AddrPort) (net.Conn, error) {
	own, err := db.owner()
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	conn, err := own.dialFrom(ctx, local, remote)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (db *DB) dialFrom(ctx context.Context, local, remote netip.AddrPort) (*kernel.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := db.gone(); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	var here, there kernel.Address
	if local.IsValid() && remote.IsValid() {
		here, there = kernel.TCPAddress(local), kernel.TCPAddress(remote)
	}
	conn, err := db.guest.kernel.Dial(guestSocket, here, there)
	if err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	return conn, nil
}

// Reload makes the server read its configuration files again, as pg_ctl reload does.
func (db *DB) Reload() error {
	own, err := db.owner()
	if err == nil {
		err = own.gone()
	}
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	own.postmaster.Signal(kernel.SIGHUP)
	return nil
}
