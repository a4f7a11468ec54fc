// Command load puts load on pglite serve and prints what it bears. See scripts/load.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/pglite-toolbox/pglite/scripts/internal/marked"
)

// options are the command line.
type options struct {
	pglite, write string
	seconds       int
	patience      time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.pglite, "pglite", "./pglite", "the program to put load on")
	flag.StringVar(&o.write, "write", "", "put the table into this Markdown file, between its markers")
	flag.IntVar(&o.seconds, "seconds", 20, "how long each run of pgbench takes")
	flag.DurationVar(&o.patience, "patience", 0, "how long to wait, all in all, for other programs to leave the processors alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// scenario is one part of the load; it adds rows to the table.
type scenario struct {
	name string
	run  func(context.Context, *served, *table) error
}

func (o options) run(ctx context.Context) (err error) {
	s, err := serve(ctx, o.pglite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	s.patience = o.patience
	t := &table{}
	for _, part := range []scenario{
		{"a new cluster", idleServer},
		{"idle connections", idleConnections},
		{"cancel", cancels},
		{"pgbench", o.pgbench},
		{"verify", verify},
	} {
		fmt.Fprintf(os.Stderr, "load: %s\n", part.name)
		s.waitForQuiet(ctx)
		if err := part.run(ctx, s, t); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s\n\n", machine(s.version))
	t.print(&text)
	fmt.Print(text.String())
	if o.write != "" {
		return marked.Replace(o.write, "scripts/load", text.String())
	}
	return nil
}
