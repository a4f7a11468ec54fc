package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// listener is an open socket with its state.
type listener struct {
	net.Listener
	network    string       // of TCP, as it was asked for; empty when it is not known
	remove     func() error // removes the socket's files; nil when there are none, or when they are not ours
	activated  bool         // a service manager made it, with a mode of its own
	handshakes *handshakes
}

// Close closes the socket and removes its files.
func (l *listener) Close() error {
	err := l.Listener.Close()
	if l.remove != nil {
		err = errors.Join(err, l.remove())
	}
	return err
}

// tcpAddr returns the TCP address, false for a Unix-domain socket.
func (l *listener) tcpAddr() (netip.AddrPort, bool) {
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, false
	}
	return a.AddrPort(), true
}

func (l *listener) isTCP() bool {
	_, tcp := l.tcpAddr()
	return tcp
}

// listenTCP listens on [HOST:]PORT.
func listenTCP(address string) (*listener, error) {
	host, port, err := splitTCP(address)
	if err != nil {
		return nil, err
	}
	network := tcpNetwork(host)
	l, err := net.Listen(network, net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("listen on TCP address %s: %w", address, err)
	}
	return &listener{Listener: l, network: network, handshakes: newHandshakes()}, nil
}

// everyFamily is the network of IPv4 and IPv6.
const everyFamily = "tcp"

// tcpNetwork keeps an address to its family: to Go alone, 0.0.0.0 and :: are every address of either, to PostgreSQL of
// their own (https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-LISTEN-ADDRESSES).
func tcpNetwork(host string) string {
	address, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return everyFamily
	case address.Is4():
		return "tcp4"
	}
	return "tcp6"
}

// splitTCP reads [HOST:]PORT.
func splitTCP(address string) (host, port string, err error) {
	host, port = "127.0.0.1", address
	if strings.Contains(address, ":") {
		if host, port, err = net.SplitHostPort(address); err != nil {
			return "", "", fmt.Errorf("TCP address %q: want [HOST:]PORT, an IPv6 address as HOST in brackets", address)
		}
	}
	switch host {
	case "":
		host = "127.0.0.1"
	case "*":
		host = ""
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", "", fmt.Errorf("TCP address %q: the port must be a number from 0, which picks one, to 65535",
			address)
	}
	return host, port, nil
}
