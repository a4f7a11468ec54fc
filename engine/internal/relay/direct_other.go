//go:build !unix

package relay

import (
	"net"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// directWriter knows no way to write without waiting here.
func directWriter(net.Conn) kernel.DirectWriter { return nil }
