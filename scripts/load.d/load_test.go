package main

import (
	"os"
	"path/filepath"
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
	if middle, most := median([]time.Duration{9, 1, 5}); middle != 5 || most != 9 {
		t.Errorf("got %d, %d", middle, most)
	}
}

func TestMarkers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "load.md")
	if err := os.WriteFile(file, []byte("before\n"+beginMarker+"old\n"+endMarker+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceBetweenMarkers(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(file); string(b) != "before\n"+beginMarker+"new\n"+endMarker+"after\n" {
		t.Errorf("got %q", b)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil || replaceBetweenMarkers(file, "") == nil {
		t.Errorf("%v, or no error for a file without markers", err)
	}
}
