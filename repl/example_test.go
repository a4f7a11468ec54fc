package repl_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// server answers one query.
func server(conn net.Conn) {
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.Receive(); err != nil {
		return
	}
	b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("answer"), DataTypeOID: 23}}})
	b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("42")}})
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	_ = b.Flush()
}

// The connection would be one to PostgreSQL, past the handshake, such as engine.DB.Dial and pgconn make it.
func ExampleNew() {
	client, other := net.Pipe()
	defer client.Close()
	go server(other)
	o := format.DefaultOptions()
	if err := o.Set("format", "csv"); err != nil {
		panic(err)
	}
	s := repl.New(repl.Connection{Conn: client}, repl.Config{Out: bufio.NewWriter(os.Stdout), Options: o})
	if err := s.Query(context.Background(), "SELECT 42 AS answer"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// answer
	// 42
}
