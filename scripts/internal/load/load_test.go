package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const good = `scaling factor: 10
number of transactions actually processed: 4575
number of failed transactions: 0 (0.000%)
tps = 916.610301 (without initial connection time)
`

func TestReadResult(t *testing.T) {
	t.Parallel()
	r, err := readResult(good)
	if err != nil || r.transactions != 4575 || r.tps < 916 || r.tps > 917 {
		t.Errorf("got %+v, %v", r, err)
	}
	for name, out := range map[string]string{
		"failed":   strings.Replace(good, "transactions: 0", "transactions: 1", 1),
		"aborted":  "pgbench: error: client 3 aborted in command 5\n" + good,
		"none":     strings.Replace(good, "4575", "0", 1),
		"no count": strings.Replace(good, "failed", "lost", 1),
		"nothing":  "",
	} {
		if _, err := readResult(out); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	if middle, most := median([]time.Duration{9, 1, 5}); middle != 5 || most != 9 {
		t.Errorf("got %d, %d", middle, most)
	}
}

// A program that is none of ours counts, one that is run against the server does not.
func TestOthersSince(t *testing.T) {
	t.Parallel()
	s := &served{cmd: exec.Command(os.Args[0], "-test.run=^$")}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.cmd.Wait() }()
	then := s.processors()
	if then.all == 0 {
		t.Skip("SKIPPED, NOTHING WAS TESTED: the system does not tell how its processors are used")
	}
	if out, err := s.output(exec.Command(os.Args[0], "-test.run=^$")); err != nil || s.spent == 0 {
		t.Errorf("%v: %s", err, out)
	}
	if now := s.processors(); now.own < then.own || now.busy < then.busy || now.all < then.all {
		t.Errorf("got %+v after %+v", now, then)
	}
	if share := s.othersSince(then); share < 0 || share > 100 {
		t.Errorf("others had %v percent", share)
	}
}
