package server_test

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// BenchmarkSelect1 is a round trip of the shortest query, by the way that it takes.
func BenchmarkSelect1(b *testing.B) {
	s, _ := open(b, both(b), nil)
	for name, unix := range map[string]bool{"unix": true, "tcp": false} {
		b.Run(name, func(b *testing.B) {
			conn := connect(b, uri(b, s, unix)).PgConn()
			for b.Loop() {
				select1(b, conn)
			}
		})
	}
}

func select1(b *testing.B, conn *pgconn.PgConn) {
	if _, err := conn.Exec(context.Background(), "select 1").ReadAll(); err != nil {
		b.Error(err)
	}
}

// BenchmarkSelect1Together is the same from eight clients at once.
func BenchmarkSelect1Together(b *testing.B) {
	s, _ := open(b, both(b), nil)
	const clients = 8
	conns := make([]*pgx.Conn, clients)
	for i := range conns {
		conns[i] = connect(b, uri(b, s, true))
	}
	b.ResetTimer()
	var all sync.WaitGroup
	for _, conn := range conns {
		all.Go(func() {
			for range b.N / clients {
				select1(b, conn.PgConn())
			}
		})
	}
	all.Wait()
}

// BenchmarkConnect is a session from connecting to its end.
func BenchmarkConnect(b *testing.B) {
	s, _ := open(b, both(b), nil)
	at := uri(b, s, true)
	for b.Loop() {
		conn, err := pgx.Connect(context.Background(), at)
		if err != nil {
			b.Fatal(err)
		}
		if err := conn.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
