// Command proxy-showcase lets other programs connect to the user's default cluster until it is interrupted: on a Unix-domain socket, or on TCP
// with --tcp.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/install"
)

func main() {
	tcp := flag.String("tcp", "", "listen on TCP `[HOST:]PORT`; port 0 picks one")
	uds := flag.String("uds", os.TempDir(), "listen on the Unix-domain socket .s.PGSQL.5432 in `DIR`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg := server.Config{TCP: *tcp}
	if *tcp == "" {
		cfg.SocketDir = *uds
	}
	if err := serve(ctx, cfg); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context, cfg server.Config) error {
	in, err := install.PrepareDefault(ctx, install.Options{})
	if err != nil {
		return err
	}
	db, err := engine.Open(ctx, engine.Config{DataDir: in.Data, Runtime: in.Runtime, NoAttach: true})
	if err != nil {
		return err
	}
	s, err := server.Start(ctx, db, cfg) // a query has succeeded when it returns
	if err != nil {
		return errors.Join(err, db.Close())
	}
	for _, address := range s.Addresses() {
		fmt.Println(address.URI("postgres", "postgres"))
	}
	select {
	case <-ctx.Done():
	case <-db.Done():
	}
	s.StopListening()
	return errors.Join(db.Close(), s.Close())
}
