package pgclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ParseRemote is Remote of a connection string.
func ParseRemote(text string) (*pgconn.Config, error) {
	settings, err := ParseKeywords(text)
	if err != nil {
		return nil, err
	}
	return Remote(settings)
}

// Remote returns how to connect to another server. The environment's variables and the files of libpq fill in what the
// settings do not say. pgconn does not know hostaddr, the address of a host, beside which the host's name is only for
// its certificate. So hostaddr is where names are looked up here.
func Remote(settings Keywords) (*pgconn.Config, error) {
	settings, addresses, err := settings.withoutAddresses()
	if err != nil {
		return nil, err
	}
	settings = maps.Clone(settings)
	maps.DeleteFunc(settings, func(name, _ string) bool { return slices.Contains(needless, name) })
	config, err := pgconn.ParseConfig(settings.String())
	if err != nil {
		return nil, err
	}
	if _, given := config.RuntimeParams["hostaddr"]; given {
		return nil, errors.New("hostaddr in the file of services is not supported: give it in the connection string")
	}
	lookup := config.LookupFunc
	config.LookupFunc = func(ctx context.Context, host string) ([]string, error) {
		if known := addresses[host]; len(known) > 0 {
			return known, nil
		}
		return lookup(ctx, host)
	}
	return config, nil
}

// withoutAddresses returns the parameters without hostaddr, and the addresses by host. A host of which there is but the
// address, or the directory of a socket, is the address.
func (k Keywords) withoutAddresses() (rest Keywords, addresses map[string][]string, err error) {
	if k["hostaddr"] == "" {
		return k, nil, nil
	}
	given := strings.Split(k["hostaddr"], ",")
	hosts := make([]string, len(given))
	if k["host"] != "" {
		hosts = strings.Split(k["host"], ",")
	}
	if len(hosts) != len(given) {
		return nil, nil, fmt.Errorf("could not match %d host names to %d hostaddr values", len(hosts), len(given))
	}
	addresses = map[string][]string{}
	for i, address := range given {
		if address == "" {
			continue // the name is looked up
		}
		if _, err := netip.ParseAddr(address); err != nil {
			return nil, nil, fmt.Errorf("could not parse network address %q", address)
		}
		if hosts[i] == "" || strings.ContainsAny(hosts[i][:1], "/@") {
			hosts[i] = address
		}
		addresses[hosts[i]] = append(addresses[hosts[i]], address)
	}
	rest = maps.Clone(k)
	delete(rest, "hostaddr")
	rest["host"] = strings.Join(hosts, ",")
	return rest, addresses, nil
}
