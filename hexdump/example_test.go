package hexdump_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/hexdump"
)

func ExampleFormat() {
	fmt.Print(hexdump.Format([]byte("Q\x00\x00\x00\x0dSELECT 1\x00"), "->", 0))
	// Output:
	// -> 0000  51 00 00 00 0d 53 45 4c  45 43 54 20 31 00        |Q....SELECT 1.|
}

// query is a message from a client.
func query(sql string) []byte {
	b, err := (&pgproto3.Query{String: sql}).Encode(nil)
	if err != nil {
		log.Fatal(err)
	}
	return b
}

// Messages with their fields. Passwords in SQL are hidden.
func ExamplePrinter() {
	p := &hexdump.Printer{Out: os.Stdout, Decode: true, Started: true}
	for _, sql := range []string{"SELECT 1", "ALTER ROLE alice PASSWORD 'secret'"} {
		if err := p.Add(0, hexdump.FromClient, query(sql)); err != nil {
			log.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// -> Query "String":"SELECT 1"
	// -> Query "String":"ALTER ROLE alice PASSWORD '******'"
}

// A capture is written message by message, and read record by record.
func ExampleReadCapture() {
	var file bytes.Buffer
	w, err := hexdump.NewCaptureWriter(&file)
	if err != nil {
		log.Fatal(err)
	}
	startup := &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "alice"}}
	b, err := startup.Encode(nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range [][]byte{b, query("SELECT 1")} {
		if err := w.Add(1, hexdump.FromClient, part); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.End(1); err != nil {
		log.Fatal(err)
	}

	for r, err := range hexdump.ReadCapture(&file) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Conn, len(r.Bytes), r.End)
	}
	// Output:
	// 1 20 false
	// 1 14 false
	// 1 0 true
}

// A Tap shows what goes over many connections and slows none down.
func ExampleTap() {
	tap := hexdump.NewTap(os.Stderr, true)
	defer tap.Close(time.Second)
	if err := tap.Add(1, hexdump.FromClient, query("SELECT 1")); err != nil {
		log.Fatal(err)
	}
}

// A capture's clients are replayed against a server, whose answers are compared with the recorded ones.
func ExampleReplay() {
	file, err := os.Open("capture.pglite")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	login := func(ctx context.Context, parameters map[string]string) (net.Conn, error) {
		config, err := pgconn.ParseConfig("host=/tmp user=" + parameters["user"] + " dbname=" + parameters["database"])
		if err != nil {
			return nil, err
		}
		conn, err := pgconn.ConnectConfig(ctx, config)
		if err != nil {
			return nil, err
		}
		h, err := conn.Hijack()
		if err != nil {
			return nil, err
		}
		return h.Conn, nil
	}
	r := &hexdump.Replay{Out: os.Stdout, Connect: login}
	result, err := r.Run(context.Background(), file)
	fmt.Println(result.Same(), err)
}
