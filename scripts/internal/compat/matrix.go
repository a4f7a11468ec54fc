package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// row is a client's line of the matrix.
type row struct {
	client, version string
	report          report
	missing         error // why the client could not be had
}

// sign shows an outcome in a cell.
func sign(o outcome) string {
	switch o.status {
	case statusOK:
		return "yes"
	case statusNone:
		return "–"
	}
	return "**no**"
}

// printMatrix writes the matrix as a Markdown table, clients as columns, and what there is to say about its cells.
func printMatrix(w io.Writer, rows []row) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.missing != nil })
	head, rule := "| |", "|---|"
	for _, r := range rows {
		head += " " + strings.TrimSpace(r.client+" "+r.version) + " |"
		rule += "---|"
	}
	fmt.Fprintln(w, head)
	fmt.Fprintln(w, rule)
	for _, f := range features {
		line := "| " + f.title + " |"
		for _, r := range rows {
			line += " " + sign(r.report[f.name]) + " |"
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	for _, r := range rows {
		printReasons(w, r)
	}
}

// printReasons lists why a client has no such feature, each reason once, and its failures.
func printReasons(w io.Writer, r row) {
	var reasons []string
	for _, f := range features {
		if o := r.report[f.name]; o.status == statusNone && !slices.Contains(reasons, o.text) {
			reasons = append(reasons, o.text)
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(w, "- – %s: %s.\n", r.client, reason)
	}
	for _, failure := range r.report.failures() {
		fmt.Fprintf(w, "- **no** %s: %s\n", r.client, failure)
	}
}

// failures counts the failures of all rows.
func failures(rows []row) (n int) {
	for _, r := range rows {
		if r.missing == nil {
			n += len(r.report.failures())
			if o, ok := r.report["program"]; ok && o.status == statusFail {
				n++
			}
		}
	}
	return n
}
