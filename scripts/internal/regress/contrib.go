package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// contribJobs are the jobs of the contrib modules and of PL/pgSQL, by their makefiles. Modules that the runtime does not have must
// be exactly those of contrib-missing.txt.
func contribJobs(s suite, o options) ([]job, error) {
	dir := filepath.Join(o.drivers, "contrib")
	names, err := o.names(s.name)
	if err != nil {
		return nil, err
	}
	makefiles, err := filepath.Glob(filepath.Join(dir, "*", "Makefile"))
	if err != nil {
		return nil, err
	}
	missing, err := readNames(filepath.Join(o.lists, "contrib-missing.txt"))
	if err != nil {
		return nil, err
	}
	var jobs []job
	found := map[string]bool{}
	for _, file := range makefiles {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		input := filepath.Dir(file)
		name, vars := filepath.Base(input), makeVariables(string(content))
		if len(vars["REGRESS"])+len(vars["ISOLATION"]) == 0 {
			continue
		}
		listed := slices.Contains(missing, name)
		if have := hasLibraries(o.runtime, vars, name); have == listed {
			return nil, fmt.Errorf("contrib module %s: in the runtime: %t, in contrib-missing.txt: %t", name, have, listed)
		}
		if listed || names != nil && !slices.Contains(names, name) {
			continue
		}
		found[name] = true
		more, err := moduleJobs(name, input, vars)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, more...)
	}
	for _, name := range names {
		if !found[name] && o.suite != "all" {
			return nil, fmt.Errorf("%w: there is no contrib module %s", errNoTests, name)
		}
	}
	if len(jobs) == 0 {
		return nil, errNoTests
	}
	return jobs, nil
}

// makeAssignment matches assignments to the variables of a module's makefile that tell of its libraries and tests.
var makeAssignment = regexp.MustCompile(`(?m)^(MODULES|MODULE_big|REGRESS|ISOLATION|REGRESS_OPTS|ISOLATION_OPTS)[ \t]*\+?=(.*)$`)

var variable = regexp.MustCompile(`^\$\(\w+\)$`)

func makeVariables(makefile string) map[string][]string {
	vars := map[string][]string{}
	makefile = strings.ReplaceAll(makefile, "\\\n", " ")
	for _, m := range makeAssignment.FindAllStringSubmatch(makefile, -1) {
		for _, word := range strings.Fields(m[2]) {
			if !variable.MatchString(word) { // none matters in the modules that we have
				vars[m[1]] = append(vars[m[1]], word)
			}
		}
	}
	return vars
}

// hasLibraries tells whether the runtime has all libraries of a module; one without libraries of its own, like PL/pgSQL's makefile, which
// names its library otherwise, is asked for by its own name.
func hasLibraries(runtime string, vars map[string][]string, name string) bool {
	libraries := append(slices.Clone(vars["MODULES"]), vars["MODULE_big"]...)
	if len(libraries) == 0 {
		libraries = []string{name}
	}
	for _, library := range libraries {
		if _, err := os.Stat(filepath.Join(runtime, "lib", "postgresql", library+".so")); err != nil {
			return false
		}
	}
	return true
}

// moduleJobs are the regression and the isolation tests of a module, one after the other.
func moduleJobs(name, input string, vars map[string][]string) ([]job, error) {
	var jobs []job
	for _, kind := range []struct{ variable, driver, suffix, database string }{
		{"REGRESS", regressDriver, "", "contrib_regression"},
		{"ISOLATION", isolationDriver, "-isolation", "isolation_regression"},
	} {
		tests := vars[kind.variable]
		if len(tests) == 0 {
			continue
		}
		j := job{name: path.Join("contrib", name+kind.suffix), driver: kind.driver, input: input}
		j.args = []string{"--dbname=" + kind.database}
		for _, test := range tests {
			j.tests = append(j.tests, []string{test})
		}
		if err := j.options(vars[kind.variable+"_OPTS"]); err != nil {
			return nil, fmt.Errorf("contrib module %s: %w", name, err)
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// options takes over the driver's options in a makefile. Folders and databases are our own.
func (j *job) options(words []string) error {
	for i := 0; i < len(words); i++ {
		name, _, _ := strings.Cut(words[i], "=")
		switch name {
		case "--dlpath", "--dbname":
		case "--load-extension":
			j.args = append(j.args, words[i])
		case "--temp-config":
			if i++; i == len(words) {
				return fmt.Errorf("--temp-config names no file")
			}
			settings, err := readSettings(filepath.Join(j.input, path.Base(words[i])))
			if err != nil {
				return err
			}
			j.settings = settings
		default:
			return fmt.Errorf("option %s of the test driver is not known", words[i])
		}
	}
	return nil
}

var settingLine = regexp.MustCompile(`^\s*([\w.]+)\s*=\s*(?:'([^']*)'|(\S+))\s*(?:#.*)?$`)

// readSettings reads a file in the format of postgresql.conf.
func readSettings(file string) (map[string]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for n, line := range strings.Split(string(content), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		m := settingLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("%s, line %d: %q is no setting", file, n+1, line)
		}
		settings[m[1]] = m[2] + m[3]
	}
	return settings, nil
}
