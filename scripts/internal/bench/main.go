// Command bench measures pglite on both of its engines beside native PostgreSQL and PGlite in Node, by turns, and prints a table of medians.
// See scripts/bench.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"

	"github.com/pglite-toolbox/pglite/scripts/internal/marked"
)

// options are the command line.
type options struct {
	pglite, native, peer, version string
	rounds, seconds, megabytes    int
	write, chart                  string
}

func main() {
	var o options
	flag.StringVar(&o.pglite, "pglite", "./pglite", "the program")
	flag.StringVar(&o.native, "native", "", "the folder of the programs of native PostgreSQL 18; empty leaves it out")
	flag.StringVar(&o.peer, "peer", "", "the directory that PGlite is installed in; empty leaves it out")
	flag.StringVar(&o.version, "version", "", "PGlite's version that is wanted there")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each thing is done; medians count")
	flag.IntVar(&o.seconds, "seconds", 5, "how long each run of pgbench takes")
	flag.IntVar(&o.megabytes, "megabytes", 200, "how much COPY moves")
	flag.StringVar(&o.write, "write", "", "put the table into this Markdown file, between its markers")
	flag.StringVar(&o.chart, "chart", "", "draw the ratios into this SVG file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "pglite-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f := &field{options: o, dir: dir}
	defer func() { err = errors.Join(err, f.close()) }()
	if err := f.gather(ctx); err != nil {
		return err
	}
	t := &table{contestants: f.contestants, load: loadAverage()}
	for _, r := range f.rows() {
		fmt.Fprintf(os.Stderr, "bench: %s\n", r.name)
		if err := f.measure(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		t.rows = append(t.rows, r)
	}
	t.addSum(suiteSum, suite)
	text := t.text()
	fmt.Print(text)
	if o.chart != "" {
		err = os.WriteFile(o.chart, []byte(t.chart()), 0o644)
		text += fmt.Sprintf("\n![ratios, on a logarithmic scale](%s)\n", filepath.Base(o.chart))
	}
	if o.write != "" {
		err = errors.Join(err, marked.Replace(o.write, "scripts/bench", text))
	}
	return err
}

// errAbsent is for what a contestant does not have.
var errAbsent = errors.New("there is no such thing")

// row is one thing that is measured.
type row struct {
	name    string
	unit    string // what the values are
	faster  bool   // more is better
	rounds  int    // 0 is as many as the options say
	measure func(ctx context.Context, c *contestant) (float64, error)
	values  map[*contestant][]float64
}

// measure does a row by turns: each round begins with another contestant, so that what disturbs the machine disturbs all alike.
func (f *field) measure(ctx context.Context, r *row) error {
	r.values = map[*contestant][]float64{}
	rounds := r.rounds
	if rounds == 0 {
		rounds = f.rounds
	}
	turns := slices.Clone(f.contestants)
	for range rounds {
		for _, c := range turns {
			v, err := r.measure(ctx, c)
			if errors.Is(err, errAbsent) {
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			r.values[c] = append(r.values[c], v)
		}
		turns = append(turns[1:], turns[0])
	}
	return nil
}
