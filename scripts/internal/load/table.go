package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// table is what was measured, in order.
type table struct{ rows [][2]string }

func (t *table) add(what, format string, args ...any) {
	t.rows = append(t.rows, [2]string{what, fmt.Sprintf(format, args...)})
}

// print writes the table in Markdown.
func (t *table) print(w io.Writer) {
	fmt.Fprintln(w, "| what | measured |")
	fmt.Fprintln(w, "|---|---|")
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s | %s |\n", r[0], r[1])
	}
}

// machine says on what was measured.
func machine(version string) string {
	cpu := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			cpu = strings.Trim(line, " \t:")
		}
	}
	return fmt.Sprintf("PostgreSQL %s, %s, %d processors, %s.", version, cpu, runtime.NumCPU(), time.Now().Format("January 2006"))
}

// median returns the middle of what was measured, and the most.
func median(all []time.Duration) (middle, most time.Duration) {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2], sorted[len(sorted)-1]
}

// ms shows a duration in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }
