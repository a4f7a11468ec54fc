package emscripten

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// networkCalls tell the guest about the host's network interfaces and about the TLS that the host takes off
// (runtime/libc/abi.h).
var networkCalls = calls{
	"interfaces": result("ii:i", call.interfaces),
	"tls_own": result(":i", func(c call) (int32, error) {
		if host := c.Kernel().TLSHost(); host != nil && host.OwnCertificate() {
			return 1, nil
		}
		return 0, nil
	}),
	"tls_configure": status("iiiiiii:i", call.configureTLS),
	"tls_disable": nothing(":", func(c call) {
		if host := c.Kernel().TLSHost(); host != nil {
			host.DisableTLS()
		}
	}),
	"tls_state": result("iiii:i", call.tlsState),
}

// interfaceSize is the size of struct host_interface.
const interfaceSize = 36

func (c call) interfaces() (int32, error) {
	all, err := c.Kernel().Interfaces()
	if err != nil {
		return 0, errno.EIO
	}
	all = all[:min(len(all), int(c.u32(1)))]
	b := c.bytes(c.ptr(0), uint32(len(all)*interfaceSize))
	for i, prefix := range all {
		encodeInterface(b[i*interfaceSize:][:interfaceSize], prefix)
	}
	return int32(len(all)), nil
}

// encodeInterface writes struct host_interface.
func encodeInterface(b []byte, prefix netip.Prefix) {
	clear(b)
	address := prefix.Addr()
	family := uint32(kernel.AFInet6)
	if address.Is4() {
		family = kernel.AFInet
	}
	binary.LittleEndian.PutUint32(b, family)
	copy(b[4:], address.AsSlice())
	mask := b[20:]
	for i := range prefix.Bits() {
		mask[i/8] |= 0x80 >> (i % 8)
	}
}

// configureTLS reads certificate, key, authorities, the least and the highest version, and writes a message when that
// fails.
func (c call) configureTLS() error {
	host := c.Kernel().TLSHost()
	if host == nil {
		c.putText(c.ptr(5), c.u32(6), "nobody listens for TLS connections here")
		return errno.ENOTSUP
	}
	err := host.ConfigureTLS(kernel.TLSFiles{
		Certificate: c.optional(0), Key: c.optional(1), Authorities: c.optional(2), MinVersion: c.i32(3), MaxVersion: c.i32(4),
	})
	if err != nil {
		c.putText(c.ptr(5), c.u32(6), err.Error())
		return errno.EINVAL
	}
	return nil
}

// optional returns a string that may be NULL.
func (c call) optional(n int) string {
	if c.ptr(n) == 0 {
		return ""
	}
	return c.name(n)
}

// putText writes a text with a NUL at its end, cut to the room.
func (c call) putText(at ptr, room uint32, text string) {
	b := c.bytes(at, room)
	if len(b) > 0 {
		b[copy(b[:len(b)-1], text)] = 0
	}
}

// tlsState writes one item of a connection's TLS; a value that is longer than the room fails with ERANGE.
func (c call) tlsState() (int32, error) {
	state, err := c.TLS(c.i32(0))
	if err != nil {
		return 0, err
	}
	value, err := tlsItem(state, c.i32(1))
	if err != nil {
		return 0, err
	}
	if uint32(len(value)) > c.u32(3) {
		return 0, errno.ERANGE
	}
	return int32(copy(c.bytes(c.ptr(2), uint32(len(value))), value)), nil
}

// tlsItem returns an item by its number in enum host_tls_item.
func tlsItem(t *kernel.TLS, item int32) (string, error) {
	items := [...]string{
		t.Version, t.Cipher, strconv.Itoa(t.Bits), t.ALPN, string(t.CertificateHash),
		t.Subject, t.Issuer, t.Serial, t.CommonName, t.DistinguishedName,
	}
	if item < 0 || int(item) >= len(items) {
		return "", errno.EINVAL
	}
	return items[item], nil
}
