package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// suite is one of PostgreSQL's suites.
type suite struct {
	name string
	jobs func(s suite, o options) ([]job, error)
}

// job is a run of a driver on a cluster of its own.
type job struct {
	name     string // also the output's folder: the suite, or contrib/MODULE
	driver   string
	input    string // the folder of sql/ or specs/ and expected/
	tests    schedule
	args     []string
	settings map[string]string
}

var suites = []suite{
	{name: "regress", jobs: scheduleJobs},
	{name: "isolation", jobs: scheduleJobs},
	{name: "contrib", jobs: contribJobs},
}

func suitesOf(name string) ([]suite, error) {
	if name == "all" {
		return suites, nil
	}
	for _, s := range suites {
		if s.name == name {
			return []suite{s}, nil
		}
	}
	return nil, fmt.Errorf("suite %q: want regress, isolation, contrib or all", name)
}

// guestLibDir is where the server finds loadable modules, the regression suite's own regress.so among them.
const guestLibDir = "/pg/lib/postgresql"

// The drivers and what they are always given.
const (
	regressDriver   = "pg_regress"
	isolationDriver = "pg_isolation_regress"
)

var driverArgs = map[string][]string{
	regressDriver:   {"--dlpath=" + guestLibDir, "--max-concurrent-tests=20"},
	isolationDriver: nil,
}

// scheduleJobs is the one job of a suite that has a schedule.
func scheduleJobs(s suite, o options) ([]job, error) {
	j := job{name: s.name, input: filepath.Join(o.drivers, s.name), driver: regressDriver}
	file, always := "parallel_schedule", []string{"test_setup"}
	if s.name == "isolation" {
		j.driver, file, always = isolationDriver, "isolation_schedule", nil
	}
	content, err := os.ReadFile(filepath.Join(j.input, file))
	if err != nil {
		return nil, err
	}
	all, err := parseSchedule(string(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	names, err := o.names(s.name)
	if err != nil {
		return nil, err
	}
	if names == nil {
		j.tests = all
		return []job{j}, nil
	}
	chosen, unknown := all.only(names)
	switch {
	case len(chosen) == 0:
		return nil, fmt.Errorf("%w: the %s suite has no test %s", errNoTests, s.name, strings.Join(names, " "))
	case len(unknown) > 0 && (o.suite != "all" || len(o.tests) == 0):
		return nil, fmt.Errorf("the %s suite of PostgreSQL %s has no test %s", s.name, o.major, strings.Join(unknown, " "))
	}
	j.tests, _ = all.only(append(always, names...))
	return []job{j}, nil
}

// names are the tests of a suite to run, nil for all.
func (o options) names(suite string) ([]string, error) {
	switch {
	case len(o.tests) > 0:
		return o.tests, nil
	case o.schedule == "quick":
		return readNames(filepath.Join(o.lists, "quick-"+suite+".txt"))
	}
	return nil, nil
}

// choose returns the suite's jobs; a suite that has none of the tests that were asked for has none.
func (s suite) choose(o options) ([]job, error) {
	jobs, err := s.jobs(s, o)
	if errors.Is(err, errNoTests) && o.suite == "all" && len(o.tests) > 0 {
		return nil, nil
	}
	if err == nil && len(jobs) == 0 {
		return nil, fmt.Errorf("%s suite: %w", s.name, errNoTests)
	}
	return jobs, err
}
