package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// tables is a schema of 50 tables, each with a key, a text, a time and an index.
func tables() Option {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "CREATE TABLE t%d (id bigserial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now()); CREATE INDEX ON t%d (name);\n", i, i)
	}
	return SQL(b.String())
}

// report reports the median, too, because a few slow ones hide what most tests see.
func report(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/median")
}

// BenchmarkNew is New with its connection, one after another without a pause.
func BenchmarkNew(b *testing.B) { benchmarkNew(b, 0) }

// BenchmarkNewBetweenTests is New as a test sees it when the one before has taken 50 ms, in which the next database was made.
func BenchmarkNewBetweenTests(b *testing.B) { benchmarkNew(b, 50*time.Millisecond) }

func benchmarkNew(b *testing.B, test time.Duration) {
	needRuntime(b)
	schema := tables()
	New(b, schema)
	var times []time.Duration
	for b.Loop() {
		begin := time.Now()
		db := New(b, schema)
		db.Exec("SELECT 1")
		times = append(times, time.Since(begin))
		b.StopTimer()
		db.end()
		db.server.dropping <- db.name // twice is no harm
		time.Sleep(test)
		b.StartTimer()
	}
	report(b, times)
}

// BenchmarkFirst is the first New of a process, template included.
func BenchmarkFirst(b *testing.B) {
	if os.Getenv(helperVariable) == "first" {
		New(b, tables())
		return
	}
	needRuntime(b)
	var times []time.Duration
	for b.Loop() {
		begin := time.Now()
		c := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkFirst$", "-test.benchtime=1x")
		c.Env = append(os.Environ(), helperVariable+"=first")
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		times = append(times, time.Since(begin))
	}
	report(b, times)
}
