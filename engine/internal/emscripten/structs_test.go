package emscripten

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// guest is a process whose memory and calls a test writes by hand.
type guest struct {
	*testing.T
	p   *kernel.Process
	mem []byte
}

// call makes a host call and returns its result.
func (g guest) call(module, name string, words ...uint64) int32 {
	g.Helper()
	stack := append(words, 0)
	Imports()[module][name].Call(g.p, stack)
	return int32(stack[0])
}

func (g guest) put32(at int, words ...uint32) {
	for i, w := range words {
		binary.LittleEndian.PutUint32(g.mem[at+4*i:], w)
	}
}

// asGuest runs f in a process with the terminal and the arguments.
func asGuest(t *testing.T, c kernel.Command, f func(g guest)) {
	t.Helper()
	c.Program = "test"
	program := func(context.Context, string) (kernel.Program, error) {
		return hostProgram(func(p *kernel.Process) { f(guest{t, p, p.Memory()}) }), nil
	}
	k := kernel.New(kernel.Config{Files: vfs.NewTree(vfs.NewMemFS(0)), Program: program})
	defer k.Close()
	p, err := k.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := p.Wait(t.Context()); err != nil || status != kernel.Exited(0) {
		t.Fatalf("status %v, %v", status, err)
	}
}

// TestIovecLayout is struct iovec: a pointer, then a length, 8 bytes.
func TestIovecLayout(t *testing.T) {
	t.Parallel()
	const list, first, second, done = 64, 256, 512, 1024
	asGuest(t, kernel.Command{}, func(g guest) {
		r, w, err := g.p.Pipe(0)
		if err != nil {
			t.Error(err)
			return
		}
		copy(g.mem[first:], "abc")
		copy(g.mem[second:], "defgh")
		g.put32(list, first, 3, second, 5)
		if n := g.call("pglite", "write", uint64(w), list, 2, done); n != 0 {
			t.Errorf("write: %d", n)
		}
		check(t, g.mem[done:], []field{{"written", 0, 4, 8}})
		g.put32(list, 2048, 1, 3072, 100)
		if n := g.call("pglite", "read", uint64(r), list, 2, done); n != 0 {
			t.Errorf("read: %d", n)
		}
		check(t, g.mem[done:], []field{{"read", 0, 4, 8}})
		if got := string(g.mem[2048:2049]) + string(g.mem[3072:3079]); got != "abcdefgh" {
			t.Errorf("read %q", got)
		}
	})
}

// TestPollfdLayout is struct pollfd: fd, events and revents of 16 bits, 8 bytes; the bits are POSIX's as musl numbers
// them.
func TestPollfdLayout(t *testing.T) {
	t.Parallel()
	const list, pollin, pollout, pollnval = 64, 1, 4, 0x20
	asGuest(t, kernel.Command{}, func(g guest) {
		r, w, err := g.p.Pipe(0)
		if err != nil {
			t.Error(err)
			return
		}
		g.put32(list, uint32(w), pollout, uint32(r), pollin, 99, pollin)
		if n := g.call("pglite", "poll", list, 3, 0); n != 2 {
			t.Errorf("%d are ready, want 2", n)
		}
		check(t, g.mem[list:], []field{
			{"fd", 0, 4, uint64(w)},
			{"events", 4, 2, pollout},
			{"revents", 6, 2, pollout},
			{"fd of an empty pipe", 8, 4, uint64(r)},
			{"its events", 12, 2, pollin},
			{"its revents", 14, 2, 0},
			{"fd that is none", 16, 4, 99},
			{"its revents", 22, 2, pollnval},
		})
	})
}

// TestWinsizeLayout is struct winsize: rows, columns and two unused, of 16 bits each.
func TestWinsizeLayout(t *testing.T) {
	t.Parallel()
	const list, size = 64, 128
	terminal := &kernel.Terminal{Is: [3]bool{true, true, true}, Size: func() (columns, rows int) { return 132, 43 }}
	asGuest(t, kernel.Command{Terminal: terminal}, func(g guest) {
		g.put32(list, size)
		g.put32(size, 0xffffffff, 0xffffffff, 0xffffffff)
		if n := g.call("env", "__syscall_ioctl", 1, tiocgwinsz, list); n != 0 {
			t.Errorf("ioctl: %d", n)
		}
		check(t, g.mem[size:], []field{{"ws_row", 0, 2, 43}, {"ws_col", 2, 2, 132}, {"unused", 4, 4, 0}, {"what follows", 8, 4, 0xffffffff}})
	})
}

// TestTermiosLayout is struct termios: four words of modes, the line's discipline, 32 characters and two speeds.
// Turning ECHO off and on reaches the host.
func TestTermiosLayout(t *testing.T) {
	t.Parallel()
	const list, modes = 64, 128
	echoes := true
	terminal := &kernel.Terminal{Is: [3]bool{0: true}, Echo: func(on bool) error {
		echoes = on
		return nil
	}}
	asGuest(t, kernel.Command{Terminal: terminal}, func(g guest) {
		g.put32(list, modes)
		g.put32(modes+termiosSize, 0xffffffff)
		get := func(local uint64) {
			t.Helper()
			if n := g.call("env", "__syscall_ioctl", 0, tcgets, list); n != 0 {
				t.Errorf("tcgetattr: %d", n)
			}
			check(t, g.mem[modes:], []field{{"c_iflag", 0, 4, 0o2400}, {"c_oflag", 4, 4, 5}, {"c_cflag", 8, 4, 0o260}, {"c_lflag", 12, 4, local}, {"what follows", 60, 4, 0xffffffff}})
		}
		const noEcho, withEcho = 0o100063, 0o100073
		get(withEcho)
		for request, local := range map[uint32]uint32{tcsets: noEcho, tcsetsw: withEcho, tcsetsf: noEcho} {
			g.put32(modes+12, local)
			if n := g.call("env", "__syscall_ioctl", 0, uint64(request), list); n != 0 || echoes != (local == withEcho) {
				t.Errorf("tcsetattr: %d, shows what is typed: %v", n, echoes)
			}
			get(uint64(local))
		}
		if n := g.call("env", "__syscall_ioctl", 1, tcgets, list); n != -int32(errno.ENOTTY) {
			t.Errorf("tcgetattr of no terminal: %d", n)
		}
	})
}

// TestArgumentsLayout is argv: pointers to strings that end with a zero byte, one after the other.
func TestArgumentsLayout(t *testing.T) {
	t.Parallel()
	const count, size, list, text = 64, 68, 128, 1024
	asGuest(t, kernel.Command{Args: []string{"postgres", "-D", "é"}}, func(g guest) {
		g.call("pglite", "args_sizes", count, size)
		check(t, g.mem, []field{{"count", count, 4, 3}, {"bytes", size, 4, 9 + 3 + 3}})
		g.call("pglite", "args", list, text)
		check(t, g.mem[list:], []field{{"argv[0]", 0, 4, text}, {"argv[1]", 4, 4, text + 9}, {"argv[2]", 8, 4, text + 12}})
		if got := string(g.mem[text : text+15]); got != "postgres\x00-D\x00é\x00" {
			t.Errorf("%q", got)
		}
	})
}

// TestStringListLayout is char **environ: pointers of 4 bytes, the last NULL.
func TestStringListLayout(t *testing.T) {
	t.Parallel()
	const list, first, second = 64, 256, 512
	asGuest(t, kernel.Command{}, func(g guest) {
		copy(g.mem[first:], "A=1\x00")
		copy(g.mem[second:], "B=2\x00")
		g.put32(list, second, first, 0, first)
		for at, want := range map[uint64]string{list: "[B=2 A=1]", list + 8: "[]", 0: "[]"} {
			c := call{g.p, []uint64{at}}
			if got := fmt.Sprint(c.stringList(0)); got != want {
				t.Errorf("the list at %d is %s, want %s", at, got, want)
			}
		}
	})
}

// TestStringListIsBounded: many pointers to one long string would take more of the host's memory than the guest has.
func TestStringListIsBounded(t *testing.T) {
	t.Parallel()
	const list, text, long = 64, 32 << 10, 16 << 10
	asGuest(t, kernel.Command{}, func(g guest) {
		copy(g.mem[text:], bytes.Repeat([]byte{'x'}, long))
		for i := range maxListBytes / long {
			g.put32(list+4*i, text)
		}
		defer func() {
			if fault := fmt.Sprint(recover()); !strings.Contains(fault, "more than") {
				t.Errorf("a list of %d bytes: %s", maxListBytes, fault)
			}
		}()
		c := call{g.p, []uint64{list}}
		c.stringList(0)
	})
}

// TestSockaddrLayout are struct sockaddr_un, sockaddr_in and sockaddr_in6: the family in the machine's order, ports and
// addresses in the network's. An address is cut to the room there is, and its whole length told.
func TestSockaddrLayout(t *testing.T) {
	t.Parallel()
	const at, length = 64, 256
	for _, test := range []struct {
		name    string
		address kernel.Address
		size    uint64
		fields  []field
	}{
		{"unix", kernel.UnixAddress("/tmp/x"), 2 + 7, []field{{"sun_family", 0, 2, 1}, {"sun_path", 2, 7, 0x782f706d742f}}},
		{"unnamed", kernel.UnixAddress(""), 2, []field{{"sun_family", 0, 2, 1}}},
		{"IPv4", kernel.TCPAddress(netip.MustParseAddrPort("127.0.0.1:5432")), 16, []field{
			{"sin_family", 0, 2, 2}, {"sin_port", 2, 2, 0x3815}, {"sin_addr", 4, 4, 0x0100007f}, {"sin_zero", 8, 8, 0},
		}},
		{"IPv6", kernel.TCPAddress(netip.MustParseAddrPort("[2001:db8::1]:5432")), 28, []field{
			{"sin6_family", 0, 2, 10},
			{"sin6_port", 2, 2, 0x3815},
			{"sin6_flowinfo", 4, 4, 0},
			{"sin6_addr", 8, 8, 0xb80d0120},
			{"sin6_addr, its end", 16, 8, 0x01 << 56},
			{"sin6_scope_id", 24, 4, 0},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			asGuest(t, kernel.Command{}, func(g guest) {
				c := call{g.p, nil}
				for _, room := range []uint32{28, 3} {
					copy(g.mem[at:], "################################")
					g.put32(length, room)
					c.putAddress(test.address, at, length)
					check(t, g.mem, []field{{"length", length, 4, test.size}, {"what follows", at + max(int(min(test.size, uint64(room))), 3), 1, '#'}})
					if room == 28 {
						check(t, g.mem[at:], test.fields)
					}
				}
			})
		})
	}
}
