package kernel

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

func (g *guest) socketOf(family, flags int32) int32 {
	g.t.Helper()
	fd, err := g.Socket(family, sockStream|flags)
	g.ok(err)
	return fd
}

// connect makes a socket that is connected to path.
func (g *guest) connect(path string) int32 {
	g.t.Helper()
	fd := g.socketOf(AFUnix, 0)
	g.ok(g.Connect(fd, UnixAddress(path)))
	return fd
}

func (g *guest) accept(l int32) int32 {
	g.t.Helper()
	fd, _, err := g.Accept(l, 0)
	g.ok(err)
	return fd
}

func TestSocketErrors(t *testing.T) {
	newBox(t).run(func(g *guest) {
		_, err := g.Socket(99, sockStream)
		g.want(err, errno.EAFNOSUPPORT)
		_, err = g.Socket(AFInet, 2)
		g.want(err, errno.EPROTONOSUPPORT)

		s := g.socketOf(AFUnix, 0)
		g.want(g.Listen(s, 1), errno.EINVAL) // not bound
		_, _, err = g.Accept(s, 0)
		g.want(err, errno.EINVAL)
		_, err = g.Recv(s, make([]byte, 1), 0)
		g.want(err, errno.ENOTCONN)
		_, err = g.Send(s, []byte("x"), 0)
		g.want(err, errno.ENOTCONN)
		_, err = g.Read(s, make([]byte, 1))
		g.want(err, errno.ENOTCONN)
		g.want(g.Shutdown(s, 2), errno.ENOTCONN)
		_, err = g.Getsockname(s, true)
		g.want(err, errno.ENOTCONN)
		name, err := g.Getsockname(s, false)
		g.is(err == nil && name.Family() == AFUnix && len(name) == 2, "name %v %v", name, err)

		g.want(g.Connect(s, UnixAddress("/tmp/nobody")), errno.ENOENT)
		g.want(g.Connect(s, UnixAddress("")), errno.ENOENT)
		g.want(g.Connect(s, TCPAddress(netip.MustParseAddrPort("127.0.0.1:1"))), errno.ECONNREFUSED)
		g.want(g.Connect(s, nil), errno.ECONNREFUSED)
		g.want(g.Bind(s, TCPAddress(netip.MustParseAddrPort("127.0.0.1:1"))), errno.EADDRNOTAVAIL)
		g.want(g.Bind(s, UnixAddress("/nowhere/s")), errno.ENOENT)

		r, _ := g.pipe(0)
		g.want(g.IsSocket(r), errno.ENOTSOCK)
		g.want(g.IsSocket(77), errno.EBADF)
		g.want(g.Listen(r, 1), errno.ENOTSOCK)
	})
}

func TestBind(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ok(g.Chdir("/tmp"))
		s := g.socketOf(AFUnix, 0)
		g.ok(g.Bind(s, UnixAddress("s"))) // relative to the working directory
		g.want(g.Bind(s, UnixAddress("other")), errno.EINVAL)
		g.want(g.Bind(g.socketOf(AFUnix, 0), UnixAddress("/tmp/s")), errno.EADDRINUSE)
		c := g.socketOf(AFUnix, 0)
		g.want(g.Connect(c, UnixAddress("/tmp/s")), errno.ECONNREFUSED) // bound, but nobody listens
		g.ok(g.Listen(s, 1))
		g.ok(g.Listen(s, 2))
		g.ok(g.Chdir("/"))
		g.ok(g.Connect(c, UnixAddress("tmp//./s")))
		g.want(g.Connect(c, UnixAddress("/tmp/s")), errno.EISCONN)
		g.want(g.Connect(s, UnixAddress("/tmp/s")), errno.EINVAL)
		g.want(g.Listen(c, 1), errno.EINVAL)
		g.want(g.Bind(c, UnixAddress("/tmp/c")), errno.EINVAL)

		// The name lives as long as the file, the socket as long as a descriptor.
		g.ok(g.Unlink(AtCwd, "/tmp/s", 0))
		g.want(g.Connect(g.socketOf(AFUnix, 0), UnixAddress("/tmp/s")), errno.ENOENT)
		again := g.socketOf(AFUnix, 0)
		g.ok(g.Bind(again, UnixAddress("/tmp/s")))
		g.ok(g.Listen(again, 1))
		g.close(s)
		g.connect("/tmp/s")
		g.close(again)
		g.want(g.Connect(g.socketOf(AFUnix, 0), UnixAddress("/tmp/s")), errno.ECONNREFUSED)
	})
}

func TestConnectAndAccept(t *testing.T) {
	newBox(t).run(func(g *guest) {
		l := g.listen("l", 5)
		path := g.socketPathOf("l")
		child := g.fork(func(c *guest) {
			s := c.connect(path)
			peer, err := c.Getsockname(s, true)
			c.is(err == nil && peer.path() == path, "peer %v %v", peer, err)
			own, err := c.Getsockname(s, false)
			c.is(err == nil && bytes.Equal(own, UnixAddress("")), "name %v %v", own, err)
			c.send(s, "question")
			c.expect(s, "answer")
			c.expect(s, "")
		})
		s, from, err := g.Accept(l, int32(vfs.O_CLOEXEC))
		g.ok(err)
		g.is(bytes.Equal(from, UnixAddress("")), "from %v", from)
		cloexec, _ := g.Fcntl(s, fGetFD, 0)
		g.is(cloexec == fdCloexec, "flags of the accepted socket: %d", cloexec)
		own, err := g.Getsockname(s, false)
		g.is(err == nil && own.path() == path, "name %v %v", own, err)
		g.expect(s, "question")
		g.send(s, "answer")
		g.ok(g.Shutdown(s, 1))
		g.expect(s, "")
		g.reap(child, Exited(0))
	})
}

// TestConnectKeepsNoMemoryOfTheCaller: the address may lie in memory that is gone when the server asks for it.
func TestConnectKeepsNoMemoryOfTheCaller(t *testing.T) {
	newBox(t).run(func(g *guest) {
		l := g.listen("l", 5)
		path := g.socketPathOf("l")
		child := g.fork(func(c *guest) {
			at := c.Memory()[testData:]
			n := copy(at, UnixAddress(path))
			c.ok(c.Connect(c.socketOf(AFUnix, 0), Address(at[:n:n])))
		})
		g.reap(child, Exited(0))
		s := g.accept(l)
		own, err := g.Getsockname(s, false)
		g.is(err == nil && own.path() == path, "name %v %v", own, err)
	})
}

func TestBacklog(t *testing.T) {
	newBox(t).run(func(g *guest) {
		l := g.listen("l", 3)
		path := g.socketPathOf("l")
		for i := range 3 {
			g.send(g.connect(path), string(rune('a'+i)))
		}
		g.want(g.Connect(g.socketOf(AFUnix, 0), UnixAddress(path)), errno.ECONNREFUSED)
		g.expect(g.accept(l), "a") // in order
		g.connect(path)
		g.expect(g.accept(l), "b")
		g.expect(g.accept(l), "c")
		g.accept(l)
		_, err := g.Fcntl(l, fSetFL, int32(vfs.O_NONBLOCK))
		g.ok(err)
		_, _, err = g.Accept(l, 0)
		g.want(err, errno.EAGAIN)
	})
}

func TestCloseWithPendingConnections(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ignore(SIGPIPE)
		l := g.listen("l", 3)
		one, two := g.connect(g.socketPathOf("l")), g.connect(g.socketPathOf("l"))
		g.send(one, "nobody reads this")
		g.close(l)
		g.expect(one, "")
		g.expect(two, "")
		_, err := g.Write(one, []byte("x"))
		g.want(err, errno.EPIPE)
	})
}

func TestAcceptWithoutADescriptor(t *testing.T) {
	newBox(t).run(func(g *guest) {
		l := g.listen("l", 3)
		c := g.connect(g.socketPathOf("l"))
		g.send(c, "still there")
		var last int32
		for {
			fd, err := g.Dup(l)
			if err != nil {
				g.want(err, errno.EMFILE)
				break
			}
			last = fd
		}
		_, _, err := g.Accept(l, 0)
		g.want(err, errno.EMFILE)
		g.close(last)
		g.expect(g.accept(l), "still there")
	})
}

func TestShutdown(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ignore(SIGPIPE)
		a, b := g.socketpair(0)
		g.want(g.Shutdown(a, 3), errno.EINVAL)
		g.send(a, "last words")
		g.ok(g.Shutdown(a, 1))
		_, err := g.Write(a, []byte("x"))
		g.want(err, errno.EPIPE)
		g.expect(b, "last words")
		g.expect(b, "")
		g.send(b, "reply") // the other direction is open
		g.expect(a, "reply")
		g.ok(g.Shutdown(a, 0))
		g.expect(a, "")
		_, err = g.Write(b, []byte("x"))
		g.want(err, errno.EPIPE)
	})
}

func TestShutdownWakesTheOwnReader(t *testing.T) {
	newBox(t).run(func(g *guest) {
		a, _ := g.socketpair(0)
		child := g.fork(func(c *guest) { c.expect(a, "") })
		g.eventually("sleep", asleep(1))
		g.ok(g.Shutdown(a, 0))
		g.reap(child, Exited(0))
	})
}

func TestRecvAndSendFlags(t *testing.T) {
	newBox(t).run(func(g *guest) {
		a, b := g.socketpair(0)
		buffer := make([]byte, 10)
		_, err := g.Recv(a, buffer, msgDontWait)
		g.want(err, errno.EAGAIN)
		g.send(b, "abc")
		for range 2 {
			n, err := g.Recv(a, buffer, msgPeek)
			g.is(err == nil && string(buffer[:n]) == "abc", "peek %q %v", buffer[:n], err)
		}
		n, err := g.Recv(a, buffer[:2], 0)
		g.is(err == nil && string(buffer[:n]) == "ab", "recv %q %v", buffer[:n], err)
		n, err = g.Recv(a, buffer, msgPeek|msgDontWait)
		g.is(err == nil && string(buffer[:n]) == "c", "peek %q %v", buffer[:n], err)

		n, err = g.Send(a, pattern(streamLimit+1), msgDontWait)
		g.is(n == streamLimit && err == nil, "send %d %v", n, err)
		_, err = g.Send(a, []byte("x"), msgDontWait)
		g.want(err, errno.EAGAIN)
		g.close(b)
		_, err = g.Send(a, []byte("x"), msgNoSignal)
		g.want(err, errno.EPIPE)
		g.is(g.words().pending.Load() == 0, "SIGPIPE in spite of MSG_NOSIGNAL")
		_, err = g.Send(a, []byte("x"), 0)
		g.want(err, errno.EPIPE)
		g.is(g.words().pending.Load() == SIGPIPE.bit(), "no SIGPIPE")
		g.words().pending.Store(0)
		n, err = g.Recv(a, buffer, 0) // the peer had sent nothing more
		g.is(n == 1 && err == nil, "recv %d %v", n, err)
		g.expect(a, "")
	})
}

func TestSocketBigTransfer(t *testing.T) {
	const size = 3*streamLimit + 12345
	newBox(t).run(func(g *guest) {
		a, b := g.socketpair(0)
		child := g.fork(func(c *guest) {
			c.close(a)
			all := make([]byte, size)
			c.readFull(b, all)
			c.send(b, strings.ToUpper(string(all)))
		})
		g.close(b)
		g.send(a, string(pattern(size)))
		all := make([]byte, size)
		g.readFull(a, all)
		g.is(string(all) == strings.ToUpper(string(pattern(size))), "other bytes than sent")
		g.expect(a, "")
		g.reap(child, Exited(0))
	})
}

func TestDialAddresses(t *testing.T) {
	tcp4, tcp6 := netip.MustParseAddrPort("192.0.2.1:5432"), netip.MustParseAddrPort("[2001:db8::1]:40000")
	for _, c := range []struct {
		name          string
		local, remote Address
		own, peer     Address
	}{
		{"unix", nil, nil, UnixAddress("/tmp/listener"), UnixAddress("")},
		{"tcp4", TCPAddress(tcp4), TCPAddress(netip.MustParseAddrPort("[::ffff:192.0.2.2]:1")), Address{2, 0, 0x15, 0x38, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0}, Address{2, 0, 0, 1, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"tcp6", TCPAddress(tcp6), TCPAddress(tcp6), TCPAddress(tcp6), append(append(Address{10, 0, 0x9c, 0x40, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8}, make(Address, 11)...), 1, 0, 0, 0, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			listening := make(chan struct{})
			p := b.start(func(g *guest) {
				l := g.socketOf(AFUnix, 0)
				g.ok(g.Bind(l, UnixAddress("/tmp/listener")))
				g.ok(g.Listen(l, 1))
				close(listening)
				s, from, err := g.Accept(l, 0)
				g.ok(err)
				g.is(bytes.Equal(from, c.peer), "from %v, want %v", from, c.peer)
				own, err := g.Getsockname(s, false)
				g.is(err == nil && bytes.Equal(own, c.own), "name %v, want %v", own, c.own)
				peer, err := g.Getsockname(s, true)
				g.is(err == nil && bytes.Equal(peer, c.peer), "peer %v, want %v", peer, c.peer)
			})
			<-listening
			conn, err := b.Dial(context.Background(), "/tmp/listener", Client{Local: c.local, Remote: c.remote})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			wantStatus(t, p, Exited(0))
			if _, err := b.Dial(context.Background(), "/tmp/listener", Client{}); errno.Of(err) != errno.ECONNREFUSED {
				t.Errorf("dial without a listener: %v", err)
			}
		})
	}
}

// TestConnectStorm: clients that come and go while the listener is closed and opened again.
func TestConnectStorm(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ignore(SIGPIPE)
		for i := range 4 {
			g.fork(func(c *guest) {
				for done := 0; done < 200; {
					s := c.socketOf(AFUnix, 0)
					if c.Connect(s, UnixAddress("/tmp/storm")) == nil {
						_, _ = c.Write(s, []byte{byte(i)})
						_, _ = c.Read(s, make([]byte, 1))
						done++
					}
					c.close(s)
				}
			})
		}
		for left := 4; left > 0; {
			l := g.socketOf(AFUnix, int32(vfs.O_NONBLOCK))
			g.ok(g.Bind(l, UnixAddress("/tmp/storm")))
			g.ok(g.Listen(l, 2))
			for range 5 {
				if n, _ := g.Poll(pollfds(pollfd{l, PollIn, 0}), 1000_000); n == 1 {
					s := g.accept(l)
					_, _ = g.Read(s, make([]byte, 1))
					_, _ = g.Write(s, []byte{1})
					g.close(s)
				}
				if pid, _, _ := g.Wait4(-1, waitNoHang); pid > 0 {
					left--
				}
			}
			g.ok(g.Unlink(AtCwd, "/tmp/storm", 0))
			g.close(l)
		}
	})
}

// TestUnlinkInAnotherTree: a program with its own files cannot take the server's socket away.
func TestUnlinkInAnotherTree(t *testing.T) {
	b := newBox(t)
	listening, done := make(chan struct{}), make(chan struct{})
	server := b.start(func(g *guest) {
		l := g.socketOf(AFUnix, 0)
		g.ok(g.Bind(l, UnixAddress("/server")))
		g.ok(g.Listen(l, 5))
		close(listening)
		<-done
	})
	<-listening
	own := vfs.NewTree(vfs.NewMemFS(0))
	p := b.startWith(Command{Files: own}, func(g *guest) {
		g.connect("/server") // there is no such file in this tree, but the socket
		g.close(g.openFile("/server", shmCreate))
		g.ok(g.Unlink(AtCwd, "/server", 0))
		g.connect("/server")
	})
	wantStatus(t, p, Exited(0))
	close(done)
	wantStatus(t, server, Exited(0))
}
