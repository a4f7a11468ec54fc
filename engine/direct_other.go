//go:build !unix

package engine

import "net"

// directWriter knows no way to write without waiting here.
func directWriter(net.Conn) func([]byte) (int, error) { return nil }
