package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

var errNoTests = errors.New("no test was chosen")

// schedule is a schedule of pg_regress: groups of tests that run at the same time, in order
// (https://www.postgresql.org/docs/18/regress-run.html).
type schedule [][]string

// parseSchedule reads a schedule file's content.
func parseSchedule(content string) (schedule, error) {
	var s schedule
	for n, line := range strings.Split(content, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		names, ok := strings.CutPrefix(line, "test:")
		if !ok {
			return nil, fmt.Errorf("schedule line %d: %q is not a test: line", n+1, line)
		}
		s = append(s, strings.Fields(names))
	}
	if s.count() == 0 {
		return nil, errNoTests
	}
	return s, nil
}

func (s schedule) count() (n int) {
	for _, group := range s {
		n += len(group)
	}
	return n
}

// only returns the tests of s that are in names, with the groups and the order of s. Names that s does not have are returned, too.
func (s schedule) only(names []string) (chosen schedule, unknown []string) {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	for _, group := range s {
		var kept []string
		for _, test := range group {
			if wanted[test] {
				kept = append(kept, test)
			}
		}
		if kept != nil {
			chosen = append(chosen, kept)
		}
	}
	have := map[string]bool{}
	for _, group := range chosen {
		for _, test := range group {
			have[test] = true
		}
	}
	for _, name := range names {
		if !have[name] {
			unknown = append(unknown, name)
		}
	}
	return chosen, unknown
}

// named returns s with a prefix before the names, if there is one.
func (s schedule) named(prefix string) schedule {
	if prefix == "" {
		return s
	}
	var named schedule
	for _, group := range s {
		names := make([]string, len(group))
		for i, name := range group {
			names[i] = prefix + "/" + name
		}
		named = append(named, names)
	}
	return named
}

func (s schedule) String() string {
	var b strings.Builder
	for _, group := range s {
		fmt.Fprintf(&b, "test: %s\n", strings.Join(group, " "))
	}
	return b.String()
}

// readNames reads a file of test names; # begins a comment.
func readNames(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, line := range strings.Split(string(content), "\n") {
		line, _, _ = strings.Cut(line, "#")
		names = append(names, strings.Fields(line)...)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: %w", file, errNoTests)
	}
	return names, nil
}
