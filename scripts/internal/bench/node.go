package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// nodeProcess is PGlite in Node, which does what it is told line by line (peer.mjs).
type nodeProcess struct {
	script, packages string
	in               io.WriteCloser
	out              *bufio.Reader
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

// pglite starts PGlite on a cluster in a directory.
func (f *field) pglite() error {
	if !installed(f.peer, f.version) {
		return fmt.Errorf("version %s is not in %s", f.version, f.peer)
	}
	script, err := filepath.Abs("scripts/internal/bench/peer.mjs")
	if err != nil {
		return err
	}
	c := &contestant{name: "PGlite", version: f.version, node: &nodeProcess{script: script, packages: f.peer}}
	cmd := c.node.command(context.Background(), "serve", filepath.Join(f.dir, "peer"))
	cmd.Stderr = os.Stderr
	if c.node.in, err = cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.node.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return err
	}
	f.later(func() error { return errors.Join(c.node.in.Close(), cmd.Wait()) })
	f.contestants = append(f.contestants, c)
	return nil
}

// command runs peer.mjs: init makes a cluster, start opens one and asks one thing, serve takes orders.
func (n *nodeProcess) command(ctx context.Context, what, data string) *exec.Cmd {
	return exec.CommandContext(ctx, "node", n.script, n.packages, what, data)
}

// do runs SQL, as one query or each statement as one, and returns how long it took, in milliseconds.
func (n *nodeProcess) do(how, sql string, times int) (ms float64, err error) {
	order, err := json.Marshal(map[string]any{"how": how, "sql": sql, "times": times})
	if err != nil {
		return 0, err
	}
	if _, err := n.in.Write(append(order, '\n')); err != nil {
		return 0, err
	}
	line, err := n.out.ReadBytes('\n')
	if err != nil {
		return 0, err
	}
	return ms, json.Unmarshal(line, &ms)
}
