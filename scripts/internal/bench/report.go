package main

import (
	"fmt"
	"os"
	"strings"
)

// report prints a line for each piece of work: both medians, the ratio (below 1: pglite is faster), and a bar of it.
func report(ours, theirs times) {
	names := []string{"init", "init by initdb", "start and SELECT 1", "new connection", selectName}
	for _, s := range suite {
		names = append(names, s.Name)
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Printf("load of the machine: %s", load)
	}
	fmt.Printf("%-32s %12s %12s %8s\n", "milliseconds, median", "pglite", "PGlite/Node", "ratio")
	var sumOurs, sumTheirs float64
	for _, name := range names {
		a, b := median(ours[name]), median(theirs[name])
		if name == "init by initdb" {
			b = median(theirs["init"])
		}
		line(name, a, b)
		for _, s := range suite {
			if s.Name == name {
				sumOurs, sumTheirs = sumOurs+a, sumTheirs+b
			}
		}
	}
	line("suite, sum", sumOurs, sumTheirs)
	if template, initdb := median(ours["init"]), median(ours["init by initdb"]); initdb > 0 {
		fmt.Printf("%-32s %12.3f %12.3f %8.2f\n", "init, template and real initdb", template, initdb, template/initdb)
	}
	one, eight := median(ours["throughput 1"]), median(ours["throughput 8"])
	if one > 0 {
		fmt.Printf("%-32s %12.0f %12.0f %8.2f\n", "selects a second, 1 and 8 clients", one, eight, eight/one)
	}
}

func line(name string, a, b float64) {
	if b == 0 {
		fmt.Printf("%-32s %12.3f %12s\n", name, a, "-")
		return
	}
	const width = 20 // of a ratio of 1
	bar := strings.Repeat("#", max(1, min(3*width, int(width*a/b))))
	fmt.Printf("%-32s %12.3f %12.3f %8.2f %s\n", name, a, b, a/b, bar)
}
