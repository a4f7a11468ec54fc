// Command bench measures pglite beside PGlite in Node and prints medians, ratios and bars.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// times are milliseconds by the name of the work.
type times map[string][]float64

func (t times) add(name string, d time.Duration) {
	t[name] = append(t[name], float64(d)/float64(time.Millisecond))
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func main() {
	pglite := flag.String("pglite", "./pglite", "the program")
	peer := flag.String("peer", "", "the directory that PGlite is installed in")
	version := flag.String("version", "", "PGlite's version that is wanted there")
	rounds := flag.Int("rounds", 5, "how often each thing is done; medians count")
	skip := flag.Bool("skip-node", false, "leave the peer out")
	flag.Parse()
	if err := run(*pglite, *peer, *version, *rounds, *skip); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(pglite, peer, version string, rounds int, skip bool) error {
	dir, err := os.MkdirTemp("", "pglite-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ours, theirs := times{}, times{}
	if err := processes(pglite, dir, rounds, ours); err != nil {
		return err
	}
	if err := inProcess(pglite, filepath.Join(dir, "engine"), rounds, ours); err != nil {
		return err
	}
	if !skip && installed(peer, version) {
		if err = node(peer, dir, rounds, theirs); err != nil {
			err = fmt.Errorf("the peer: %w", err) // our numbers are right all the same
		}
	}
	report(ours, theirs)
	return err
}

// installed reports whether PGlite is in the directory, whole and of the version.
func installed(peer, version string) bool {
	dir := filepath.Join(peer, "node_modules", "@electric-sql", "pglite")
	about, err := os.ReadFile(filepath.Join(dir, "package.json"))
	var found struct{ Version string }
	if err != nil || json.Unmarshal(about, &found) != nil || found.Version != version {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, "dist", "index.js"))
	return err == nil
}

// timed runs a command and returns how long it took.
func timed(name string, args ...string) (time.Duration, error) {
	begin := time.Now()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return time.Since(begin), nil
}

// processes measures what whole processes take: init from the template, by the real initdb, and a query on an existing cluster.
func processes(pglite, dir string, rounds int, out times) error {
	if _, err := timed(pglite, "-D", "memory:", "exec", "SELECT 1"); err != nil { // compile once
		return err
	}
	for i := range rounds {
		data := filepath.Join(dir, "own-"+strconv.Itoa(i))
		d, err := timed(pglite, "init", data)
		if err != nil {
			return err
		}
		out.add("init", d)
		if d, err = timed(pglite, "-D", data, "exec", "SELECT 1"); err != nil {
			return err
		}
		out.add("start and SELECT 1", d)
		if i < 2 {
			if d, err = timed(pglite, "init", "--encoding=UTF8", data+"-initdb"); err != nil {
				return err
			}
			out.add("init by initdb", d)
		}
	}
	return nil
}

func node(peer, dir string, rounds int, out times) error {
	script, err := filepath.Abs("scripts/internal/bench/peer.mjs")
	if err != nil {
		return err
	}
	suiteFile := filepath.Join(dir, "suite.json")
	text, err := json.Marshal(suite)
	if err != nil {
		return err
	}
	if err := os.WriteFile(suiteFile, text, 0o600); err != nil {
		return err
	}
	for i := range min(rounds, 3) {
		data := filepath.Join(dir, "peer-"+strconv.Itoa(i))
		for _, step := range []struct{ only, name string }{{"init", "init"}, {"warm", "start and SELECT 1"}} {
			cmd := exec.Command("node", script, peer, data, "1", suiteFile)
			cmd.Env = append(os.Environ(), "BENCH_ONLY="+step.only)
			begin := time.Now()
			if b, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w\n%s", step.only, err, b)
			}
			out.add(step.name, time.Since(begin))
		}
	}
	cmd := exec.CommandContext(context.Background(), "node", script, peer, "", strconv.Itoa(rounds), suiteFile)
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return err
	}
	measured := times{}
	if err := json.Unmarshal(b, &measured); err != nil {
		return err
	}
	for name, all := range measured {
		if name == "select1" {
			name = selectName
		}
		out[name] = all
	}
	return nil
}
