package kernel

import (
	"encoding/binary"
	"net/netip"
)

// Address families, Linux's.
const (
	AFUnix  = 1
	AFInet  = 2
	AFInet6 = 10
)

// Address is a struct sockaddr as the guest sees it.
type Address []byte

// UnixAddress is the address of a Unix-domain socket; that of a client has no path.
func UnixAddress(path string) Address {
	a := binary.LittleEndian.AppendUint16(nil, AFUnix)
	if path == "" {
		return a
	}
	return append(append(a, path...), 0)
}

// TCPAddress is the address of an IPv4 or IPv6 socket.
func TCPAddress(ap netip.AddrPort) Address {
	addr := ap.Addr().Unmap()
	if addr.Is4() {
		a := binary.LittleEndian.AppendUint16(nil, AFInet)
		a = binary.BigEndian.AppendUint16(a, ap.Port())
		ip := addr.As4()
		return append(append(a, ip[:]...), make([]byte, 8)...)
	}
	a := binary.LittleEndian.AppendUint16(nil, AFInet6)
	a = binary.BigEndian.AppendUint16(a, ap.Port())
	a = append(a, 0, 0, 0, 0)
	ip := addr.As16()
	return append(append(a, ip[:]...), 0, 0, 0, 0)
}

// Family returns the address family.
func (a Address) Family() int {
	if len(a) < 2 {
		return 0
	}
	return int(binary.LittleEndian.Uint16(a))
}

// path returns the path of a Unix-domain address.
func (a Address) path() string {
	if a.Family() != AFUnix {
		return ""
	}
	b := a[2:]
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
