package server_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
)

// A server for psql, drivers and other programs, on a free port. It ends before its cluster.
func ExampleStart() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: engine.Memory})
	if err != nil {
		log.Fatal(err)
	}
	s, err := server.Start(ctx, db, server.Config{TCP: "127.0.0.1:0"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(s.Addresses()), s.Addresses()[0].Host)
	s.StopListening()
	if err := db.Close(); err != nil { // sessions end with PostgreSQL's own message
		log.Fatal(err)
	}
	if err := s.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: 1 127.0.0.1
}

// Listening first: clients that come before the cluster is open wait.
func ExampleListen() {
	ctx := context.Background()
	s, err := server.Listen(server.Config{
		SocketDir: "/tmp", TCP: "*:5432", CertFile: "server.crt", KeyFile: "server.key", RequireTLS: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	db, err := engine.Open(ctx, engine.Config{DataDir: "./db", OwnCertificate: true})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := s.Serve(ctx, db); err != nil {
		log.Fatal(err)
	}
	<-db.Done()
}

func ExampleAddress_URI() {
	fmt.Println(server.Address{Host: "127.0.0.1", Port: 5432}.URI("postgres", "shop"))
	fmt.Println(server.Address{Host: "db.example.com", Port: 5432, TLS: true}.URI("alice", "shop"))
	// Output:
	// postgresql://postgres@127.0.0.1:5432/shop?sslmode=disable
	// postgresql://alice@db.example.com:5432/shop
}
