// Command regress runs PostgreSQL's regression, isolation and contrib suites, with their own drivers, against a server of package
// engine, and compares the failures with the documented ones. scripts/regress builds what it needs and starts it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	major    string
	runtime  string // unpacked runtime
	drivers  string // folder that drivers.sh has made
	output   string
	expected string // file of expected failures
	lists    string // folder of the quick lists
	suite    string
	schedule string
	tests    list
	settings list
	timeout  time.Duration
}

// list is a flag that may be repeated.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func parse(arguments []string) (o options, err error) {
	f := flag.NewFlagSet("regress", flag.ContinueOnError)
	f.StringVar(&o.major, "major", "18", "major version")
	f.StringVar(&o.runtime, "runtime", "", "unpacked runtime")
	f.StringVar(&o.drivers, "drivers", "", "folder of the test drivers")
	f.StringVar(&o.output, "output", "", "folder for results")
	f.StringVar(&o.expected, "expected", "", "file of expected failures")
	f.StringVar(&o.lists, "lists", "", "folder of the quick lists")
	f.StringVar(&o.suite, "suite", "all", "regress, isolation, contrib or all")
	f.StringVar(&o.schedule, "schedule", "full", "full or quick")
	f.Var(&o.tests, "test", "only this test")
	f.Var(&o.settings, "set", "server parameter NAME=VALUE")
	f.DurationVar(&o.timeout, "timeout", 30*time.Minute, "longest time of a suite")
	if err := f.Parse(arguments); err != nil {
		return o, err
	}
	if o.output, err = filepath.Abs(o.output); err != nil {
		return o, err
	}
	if o.schedule != "full" && o.schedule != "quick" {
		return o, fmt.Errorf("schedule %q: want full or quick", o.schedule)
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:])
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = run(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "regress:", err)
		os.Exit(1)
	}
}

// run runs the chosen suites and returns an error unless exactly the expected tests failed.
func run(ctx context.Context, o options) error {
	if err := checkVersions(o); err != nil {
		return err
	}
	chosen, err := suitesOf(o.suite)
	if err != nil {
		return err
	}
	expected, err := readExpected(o.expected)
	if err != nil {
		return err
	}
	jobs := make([][]job, len(chosen))
	count := 0
	for i, s := range chosen { // all at once: a mistake should not show after minutes
		if jobs[i], err = s.choose(o); err != nil {
			return err
		}
		count += len(jobs[i])
	}
	if count == 0 {
		return fmt.Errorf("no suite has a test %s", o.tests.String())
	}
	template, err := newTemplate(ctx, o)
	if err != nil {
		return err
	}
	defer os.RemoveAll(template)
	var bad []error
	for i, s := range chosen {
		if err := s.run(ctx, o, template, jobs[i], expected[s.name]); err != nil {
			bad = append(bad, fmt.Errorf("%s suite: %w", s.name, err))
		}
	}
	return errors.Join(bad...)
}

// run runs the jobs of a suite and judges their results.
func (s suite) run(ctx context.Context, o options, template string, jobs []job, expected map[string]bool) error {
	started := time.Now()
	var total tally
	var bad []error
	for _, j := range jobs {
		fmt.Printf("# PostgreSQL %s, %s: %d tests\n", o.major, j.name, j.tests.count())
		r, err := j.run(ctx, o, template)
		prefix := strings.TrimPrefix(strings.TrimPrefix(j.name, s.name), "/")
		r = r.named(prefix)
		total.add(r, expected)
		if err := errors.Join(err, r.judge(j.tests.named(prefix), expected)); err != nil {
			bad = append(bad, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(jobs) > 0 {
		fmt.Printf("# %s suite: %s, %.0f s; results and logs are in %s\n", s.name, total, time.Since(started).Seconds(), filepath.Join(o.output, s.name))
	}
	return errors.Join(bad...)
}
