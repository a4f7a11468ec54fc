// Command template makes the runtime's template cluster: a run of the runtime's own initdb whose clock, random numbers and process
// identifiers are fixed, so that two runs give the same bytes. runtime/template calls it.
//
//	template RUNTIME-DIR
//
// It writes RUNTIME-DIR/template. SOURCE_DATE_EPOCH is the time that the cluster believes it was made at. A copy of the template
// must get a system identifier and secrets of its own: package install does that.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "template:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: template RUNTIME-DIR")
	}
	made, err := epoch()
	if err != nil {
		return err
	}
	dir := filepath.Join(args[0], engine.TemplateDir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	seed := [32]byte([]byte("pglite's template cluster: fixed"))
	return engine.InitDB(context.Background(), engine.Config{
		DataDir: dir,
		Runtime: args[0],
		Random:  rand.NewChaCha8(seed),
		Now:     func() time.Time { return made },
		Progress: func(phrase string) {
			fmt.Fprintln(os.Stderr, "template:", phrase)
		},
	}, []string{"--no-sync"})
}

// epoch returns the time of the build: https://reproducible-builds.org/specs/source-date-epoch/
func epoch() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0), nil
}
