package engine

import (
	"fmt"
	"net"
	"net/netip"
)

// interfaces returns the addresses of this machine with their networks, for samehost and samenet in pg_hba.conf
// (https://www.postgresql.org/docs/18/auth-pg-hba-conf.html). They are all of them: an address that nobody listens at
// matches no client.
func interfaces() ([]netip.Prefix, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("network interfaces: %w", err)
	}
	var all []netip.Prefix
	for _, a := range addresses {
		network, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		address, ok := netip.AddrFromSlice(network.IP)
		ones, _ := network.Mask.Size()
		if ok {
			all = append(all, netip.PrefixFrom(address.Unmap(), ones))
		}
	}
	return all, nil
}
