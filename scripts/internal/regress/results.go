package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"sort"
	"strings"
)

// results are a driver's verdicts by test name.
type results struct {
	passed  map[string]bool
	planned int // from the TAP plan, -1 without one
}

var (
	resultLine = regexp.MustCompile(`^(not )?ok \d+\s+[-+] (\S+)`)
	planLine   = regexp.MustCompile(`^1\.\.(\d+)$`)
)

// parseResults reads what pg_regress prints (the Test Anything Protocol).
func parseResults(output string) results {
	r := results{passed: map[string]bool{}, planned: -1}
	for _, line := range strings.Split(output, "\n") {
		if m := resultLine.FindStringSubmatch(line); m != nil {
			r.passed[m[2]] = m[1] == ""
		}
		if m := planLine.FindStringSubmatch(line); m != nil {
			_, _ = fmt.Sscan(m[1], &r.planned)
		}
	}
	return r
}

// judge compares the verdicts with the tests that were to run and the failures that are documented.
func (r results) judge(tests schedule, expected map[string]bool) error {
	if len(r.passed) == 0 {
		return errors.New("no test has run")
	}
	var missing, failed, repaired []string
	for _, group := range tests {
		for _, name := range group {
			passed, ran := r.passed[name]
			switch {
			case !ran:
				missing = append(missing, name)
			case !passed && !expected[name]:
				failed = append(failed, name)
			case passed && expected[name]:
				repaired = append(repaired, name)
			}
		}
	}
	var all []error
	for _, group := range []struct {
		text  string
		names []string
	}{{"did not run", missing}, {"failed", failed}, {"passed, but are listed as expected failures: take them off the list", repaired}} {
		if sort.Strings(group.names); len(group.names) > 0 {
			all = append(all, fmt.Errorf("%d %s: %s", len(group.names), group.text, strings.Join(group.names, " ")))
		}
	}
	if r.planned != len(r.passed) {
		all = append(all, fmt.Errorf("the driver reports %d tests and %d verdicts", r.planned, len(r.passed)))
	}
	return errors.Join(all...)
}

// named returns the results with a prefix before the names of the tests, if there is one.
func (r results) named(prefix string) results {
	if prefix == "" {
		return r
	}
	passed := map[string]bool{}
	for name, ok := range r.passed {
		passed[prefix+"/"+name] = ok
	}
	return results{passed: passed, planned: r.planned}
}

// tally counts verdicts.
type tally struct{ ran, passed, known int }

func (t *tally) add(r results, expected map[string]bool) {
	t.ran += len(r.passed)
	for name, ok := range r.passed {
		switch {
		case ok:
			t.passed++
		case expected[name]:
			t.known++
		}
	}
}

func (t tally) String() string {
	return fmt.Sprintf("%d of %d passed, %d failed as documented, %d failed otherwise", t.passed, t.ran, t.known, t.ran-t.passed-t.known)
}

// expectations are the documented failures: by suite, then by test.
type expectations map[string]map[string]bool

// readExpected reads a file of expected failures: lines of "SUITE TEST REASON…", contrib tests as MODULE/TEST; # begins a comment. A missing file means none.
func readExpected(file string) (expectations, error) {
	e := expectations{"regress": {}, "isolation": {}, "contrib": {}}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err != nil {
		return nil, err
	}
	for n, line := range strings.Split(string(content), "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 3 || e[words[0]] == nil {
			return nil, fmt.Errorf("%s, line %d: want a suite, a test and the reason", file, n+1)
		}
		e[words[0]][words[1]] = true
	}
	return e, nil
}
