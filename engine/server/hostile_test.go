package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// startupBytes is a good startup packet.
func startupBytes() []byte {
	b, _ := (&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres"}}).Encode(nil)
	return b
}

// message is a message of the client with any length.
func message(kind byte, length uint32, body string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, length), body...)
}

// hostile are clients that do wrong. Each gets a connection; afterwards all others must be as before.
var hostile = []struct {
	name string
	do   func(conn net.Conn)
}{
	{"port scan", func(net.Conn) {}},
	{"half a startup packet", func(c net.Conn) { write(c, startupBytes()[:10]) }},
	{"huge startup length", func(c net.Conn) { write(c, []byte{0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0}); drain(c) }},
	{"negative startup length", func(c net.Conn) { write(c, []byte{0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0}); drain(c) }},
	{"startup without end", func(c net.Conn) { write(c, append([]byte{0, 0, 0, 16, 0, 3, 0, 0}, "userpost"...)); drain(c) }},
	{"unknown protocol", func(c net.Conn) { write(c, []byte{0, 0, 0, 8, 0, 9, 0, 0}); drain(c) }},
	{"http", func(c net.Conn) { write(c, []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); drain(c) }},
	{"tls without tls", func(c net.Conn) { write(c, []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03garbage")); drain(c) }},
	{"endless tls handshake", func(c net.Conn) {
		write(c, []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f})
		for range 100 {
			write(c, append([]byte{0x16, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff}, make([]byte, 0x4000-4)...))
		}
		drain(c)
	}},
	{"plain text behind a request for tls", func(c net.Conn) {
		write(c, append([]byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}, startupBytes()...))
		write(c, message('Q', 13, "select 1\x00"))
	}},
	{"garbage", func(c net.Conn) {
		for range 100 {
			b := make([]byte, 1000)
			for i := range b {
				b[i] = byte(rand.Int())
			}
			write(c, b)
		}
		drain(c)
	}},
	{"cancel for nobody", func(c net.Conn) {
		write(c, []byte{0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e, 1, 2, 3, 4, 5, 6, 7, 8})
		drain(c)
	}},
	{"slow loris", func(c net.Conn) {
		for _, b := range startupBytes() {
			write(c, []byte{b})
			time.Sleep(5 * time.Millisecond)
		}
	}},
	{"unknown message type", func(c net.Conn) { write(c, startupBytes()); write(c, message('!', 4, "")); drain(c) }},
	{"huge message length", func(c net.Conn) { write(c, startupBytes()); write(c, message('Q', 0x7fffffff, "select")); drain(c) }},
	{"negative message length", func(c net.Conn) { write(c, startupBytes()); write(c, message('Q', 0xffffffff, "select")); drain(c) }},
	{"zero message length", func(c net.Conn) { write(c, startupBytes()); write(c, message('Q', 0, "")); drain(c) }},
	{"half a message", func(c net.Conn) { write(c, startupBytes()); write(c, message('Q', 100, "select")) }},
	{"copy data without copy", func(c net.Conn) {
		write(c, startupBytes())
		for range 100 {
			write(c, message('d', 1004, string(make([]byte, 1000))))
		}
	}},
	{"execute before parse", func(c net.Conn) {
		write(c, startupBytes())
		write(c, message('E', 9, "\x00\x00\x00\x00\x00"))
		write(c, message('S', 4, ""))
	}},
	{"asks and goes away", func(c net.Conn) {
		write(c, startupBytes())
		write(c, message('Q', 4+uint32(len(bigQuery)+1), bigQuery+"\x00"))
		_, _ = c.Read(make([]byte, 100))
	}},
	{"asks and does not listen", func(c net.Conn) {
		write(c, startupBytes())
		for range 20 {
			write(c, message('Q', 4+uint32(len(bigQuery)+1), bigQuery+"\x00"))
		}
		time.Sleep(300 * time.Millisecond)
	}},
	{"a flood of requests", func(c net.Conn) {
		write(c, startupBytes())
		write(c, bytes.Repeat(message('S', 4, ""), 100_000))
	}},
	{"half closed", func(c net.Conn) {
		write(c, startupBytes())
		write(c, message('Q', 4+uint32(len(bigQuery)+1), bigQuery+"\x00"))
		_ = c.(interface{ CloseWrite() error }).CloseWrite()
		drain(c)
	}},
	{"reset", func(c net.Conn) {
		write(c, startupBytes())
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	}},
}

const bigQuery = "select repeat('x', 100000) from generate_series(1, 50)"

// A gigabyte, really sent, hurts nobody else, whether the server takes it for a message or not.
func TestGigabyte(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a gigabyte, four times")
	}
	s, db := open(t, both(t), nil)
	bystander := connect(t, uri(t, s, true))
	for _, client := range []struct {
		name  string
		first []byte
		kind  byte
	}{{"no startup packet", nil, 0}, {"endless startup packet", []byte{0, 0, 0x27, 0x10, 0, 3, 0, 0}, 0}, {"a query", startupBytes(), 'Q'}, {"copy data", startupBytes(), 'd'}} {
		t.Run(client.name, func(t *testing.T) {
			conn := dialRaw(t, s, false)
			sent := make(chan int)
			go func() { sent <- flood(conn, client.first, client.kind) }()
			for done := false; !done; {
				select {
				case n := <-sent:
					t.Logf("%d MB taken", n>>20)
					if client.kind != 0 && n < 64<<20 { // systems keep a few MB
						t.Error("the server has taken no more than sockets keep of a message that it may take")
					}
					done = true
				default:
					if n := enginetest.Get[int](t, bystander, "select 42"); n != 42 {
						t.Errorf("a bystander got %d", n)
					}
					time.Sleep(10 * time.Millisecond)
				}
			}
			_ = conn.Close()
			waitFor(t, bystander, "select count(*) = 1 from pg_stat_activity where backend_type = 'client backend'")
		})
	}
	if n := db.Traps(); n != 0 {
		t.Errorf("%d traps", n)
	}
}

// flood sends a gigabyte, or as much as the server takes: as one message of a kind, or as none.
func flood(c net.Conn, first []byte, kind byte) (sent int) {
	_ = c.SetDeadline(time.Now().Add(enginetest.Patience))
	const size = 1<<30 - 100 // no larger message is PostgreSQL's to take
	write(c, first)
	if kind != 0 {
		write(c, message(kind, size, ""))
	}
	go drain(c)
	chunk := make([]byte, 1<<20)
	for sent < size {
		n, err := c.Write(chunk)
		if sent += n; err != nil {
			break
		}
	}
	return sent
}

func write(c net.Conn, b []byte) { _, _ = c.Write(b) }
func drain(c net.Conn)           { _, _ = io.Copy(io.Discard, c) }

func TestHostileClients(t *testing.T) {
	t.Parallel()
	t.Run("plain", func(t *testing.T) {
		s, db := open(t, both(t), nil)
		besiege(t, s, db, 3)
	})
	t.Run("tls", func(t *testing.T) {
		cfg, _ := tlsConfig(t)
		s, db := open(t, cfg, nil)
		besiege(t, s, db, 1)
	})
}

// besiege lets all hostile clients in at once.
func besiege(t *testing.T, s *server.Server, db *engine.DB, rounds int) {
	bystander := connect(t, uri(t, s, true))
	started := enginetest.Get[time.Time](t, bystander, "select pg_postmaster_start_time()")
	enginetest.Exec(t, bystander, "create table kept as select generate_series(1, 1000) i; begin; insert into kept values (0)")
	var all sync.WaitGroup
	for range rounds {
		for _, client := range hostile {
			for _, unix := range []bool{true, false} {
				conn := dialRaw(t, s, unix)
				_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
				all.Go(func() {
					defer conn.Close()
					start := time.Now()
					client.do(conn)
					t.Logf("%s (Unix %t): %v", client.name, unix, time.Since(start).Round(time.Millisecond))
				})
			}
		}
		if n := enginetest.Get[int](t, bystander, "select count(*) from kept"); n != 1001 {
			t.Errorf("%d rows", n)
		}
		all.Wait()
	}
	enginetest.Exec(t, bystander, "commit")
	if now := enginetest.Get[time.Time](t, bystander, "select pg_postmaster_start_time()"); !now.Equal(started) {
		t.Error("the server was restarted")
	}
	if n := db.Traps(); n != 0 {
		t.Errorf("%d traps", n)
	}
	waitFor(t, bystander, "select count(*) = 1 from pg_stat_activity where backend_type = 'client backend'")
	connect(t, uri(t, s, false))
	if err := bystander.Ping(context.Background()); err != nil {
		t.Error(err)
	}
}
