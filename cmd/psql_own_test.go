//go:build unix

package cmd

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"
)

// sharedCluster is a cluster that outlives the commands which use it.
type sharedCluster struct{ cluster }

func (sharedCluster) Close() error { return nil }

// TestPrintsLikeOwnPsql compares the formats with the psql of the runtime, which is of PostgreSQL's own version: since 16
// it counts the columns of format characters differently, for one.
func TestPrintsLikeOwnPsql(t *testing.T) {
	if testing.Short() {
		t.Skip("runs psql many times")
	}
	if len(embeddedTools()) == 0 {
		t.Skip("no runtime is embedded: make runtime")
	}
	db, err := production().open(t.Context(), clusterConfig{DataDir: "memory:"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b := backend{
		open:  func(context.Context, clusterConfig) (cluster, error) { return sharedCluster{db}, nil },
		tools: func() []string { return nil },
	}
	queries := maps.Clone(printQueries)
	queries["format characters"] = `SELECT U&'a\00adb' AS a, U&'\200b\+01f469\200d\+01f467' AS b, 'x' AS c`
	for name, query := range queries {
		for how, args := range printOptions {
			t.Run(name+"/"+how, func(t *testing.T) {
				args := append([]string{"-c", query}, args...)
				comparePrinted(t, name, runWith(b, "exec", args...), runWith(b, "tool", append([]string{"psql", "-X"}, args...)...))
			})
		}
	}
}

// runWith runs a command without input.
func runWith(b backend, command string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"pglite", command}, args...), Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}, b)
	return result{stdout.String(), stderr.String(), code}
}
