package emscripten

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"regexp"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// TestInterfaceLayout is struct host_interface of runtime/libc/abi.h.
func TestInterfaceLayout(t *testing.T) {
	t.Parallel()
	b := bytes.Repeat([]byte{0xff}, interfaceSize)
	encodeInterface(b, netip.MustParsePrefix("10.1.2.3/20"))
	check(t, b, []field{
		{"family", 0, 4, kernel.AFInet}, {"address", 4, 4, 0x0302010a}, {"rest", 8, 8, 0}, {"mask", 20, 4, 0x00f0ffff}, {"rest", 24, 8, 0},
	})
	encodeInterface(b, netip.MustParsePrefix("fe80::1/64"))
	check(t, b, []field{
		{"family", 0, 4, kernel.AFInet6}, {"address", 4, 8, 0x80fe}, {"end", 12, 8, 1 << 56}, {"mask", 20, 8, 1<<64 - 1}, {"rest", 28, 8, 0},
	})
}

// TestTLSItems: the numbers are those of enum host_tls_item.
func TestTLSItems(t *testing.T) {
	t.Parallel()
	header, err := os.ReadFile("../../../runtime/libc/abi.h")
	if err != nil {
		t.Fatal(err)
	}
	state := &kernel.TLS{
		Version: "VERSION", Cipher: "CIPHER", Bits: 7, ALPN: "ALPN", CertificateHash: []byte("CERTIFICATE_HASH"), Subject: "SUBJECT",
		Issuer: "ISSUER", Serial: "SERIAL", CommonName: "COMMON_NAME", DistinguishedName: "DISTINGUISHED_NAME",
	}
	names := regexp.MustCompile(`(?m)^\tHOST_TLS_([A-Z_]+)`).FindAllSubmatch(header, -1)
	if len(names) != 10 {
		t.Fatalf("%d items in abi.h", len(names))
	}
	for i, name := range names {
		want := string(name[1])
		if want == "BITS" {
			want = "7"
		}
		if got, err := tlsItem(state, int32(i)); got != want || err != nil {
			t.Errorf("item %d: %q, %v, want %q", i, got, err, want)
		}
	}
	for _, item := range []int32{-1, int32(len(names))} {
		if _, err := tlsItem(state, item); !errors.Is(err, errno.EINVAL) {
			t.Errorf("item %d: %v", item, err)
		}
	}
}

// TestTLSCallsWithoutHost: nobody takes TLS off, and the guest learns it.
func TestTLSCallsWithoutHost(t *testing.T) {
	t.Parallel()
	const message, room = 1024, 16
	asGuest(t, kernel.Command{}, func(g guest) {
		if got := g.call("pglite", "tls_own"); got != 0 {
			g.Errorf("tls_own: %d", got)
		}
		if got := g.call("pglite", "tls_configure", 0, 0, 0, 0, 0, message, room); got != -int32(errno.ENOTSUP) {
			g.Errorf("tls_configure: %d", got)
		}
		if got := string(g.mem[message : message+room]); got != "nobody listens \x00" {
			g.Errorf("the message: %q", got)
		}
		fd, err := g.p.Socket(kernel.AFUnix, 1)
		if err != nil {
			g.Fatal(err)
		}
		if got := g.call("pglite", "tls_state", uint64(fd), 0, message, room); got != -int32(errno.ENOTCONN) {
			g.Errorf("tls_state: %d", got)
		}
	})
}
