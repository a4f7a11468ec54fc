package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tap = `# using postmaster on /x, port 5432
ok 1         - test_setup                               1490 ms
# parallel group (2 tests):  int4 char
not ok 2     + char                                      601 ms
ok 3         + int4                                       26 ms
1..3
# 1 of 3 tests failed.
`

func TestParseResults(t *testing.T) {
	t.Parallel()
	r := parseResults(tap)
	if r.planned != 3 || len(r.passed) != 3 || !r.passed["test_setup"] || !r.passed["int4"] || r.passed["char"] {
		t.Errorf("got %+v", r)
	}
	var total tally
	total.add(r, nil)
	if got := total.String(); got != "2 of 3 passed, 0 failed as documented, 1 failed otherwise" {
		t.Errorf("summary %q", got)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, output, tests, expected string
		want                          []string // parts of the error; none means no error
	}{
		{name: "as documented", output: tap, tests: "test_setup char int4", expected: "char"},
		{name: "unexpected", output: tap, tests: "test_setup char int4", want: []string{"1 failed: char"}},
		{name: "repaired", output: tap, tests: "test_setup char int4", expected: "char int4", want: []string{"take them off the list: int4"}},
		{name: "expected, but not chosen", output: tap, tests: "test_setup char int4", expected: "char other"},
		{name: "did not run", output: tap, tests: "test_setup char int4 text", expected: "char", want: []string{"1 did not run: text"}},
		{name: "nothing ran", output: "1..0\n", tests: "int4", want: []string{"no test has run"}},
		{name: "no output", tests: "int4", want: []string{"no test has run"}},
		{name: "ended early", output: strings.Replace(tap, "1..3\n", "", 1), tests: "int4", want: []string{"reports -1 tests and 3 verdicts"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			expected := map[string]bool{}
			for _, name := range strings.Fields(test.expected) {
				expected[name] = true
			}
			err := parseResults(test.output).judge(schedule{strings.Fields(test.tests)}, expected)
			if (err == nil) != (test.want == nil) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

func TestReadExpected(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "expected")
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# none\n\nregress xml why # more\nisolation stats because of this\n")
	e, err := readExpected(file)
	if err != nil || len(e["regress"]) != 1 || !e["regress"]["xml"] || !e["isolation"]["stats"] {
		t.Errorf("got %v, %v", e, err)
	}
	if e, err := readExpected(file + "-missing"); err != nil || len(e["regress"]) != 0 {
		t.Errorf("missing file: %v, %v", e, err)
	}
	for _, content := range []string{"regress xml\n", "other xml why\n", "xml\n"} {
		write(content)
		if _, err := readExpected(file); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v", content, err)
		}
	}
}

// The lists in this folder must be readable: a typing error would only show when the suites run.
func TestListsOfThisFolder(t *testing.T) {
	t.Parallel()
	for _, major := range []string{"17", "18"} {
		if _, err := readExpected("expected-failures-" + major + ".txt"); err != nil {
			t.Error(err)
		}
	}
	for name, least := range map[string]int{"quick-regress.txt": 60, "quick-isolation.txt": 40, "quick-contrib.txt": 5, "contrib-missing.txt": 1} {
		names, err := readNames(name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, n := range names {
			if seen[n] {
				t.Errorf("%s: %s is there twice", name, n)
			}
			seen[n] = true
		}
		if len(names) < least {
			t.Errorf("%s: %d tests, want %d at least", name, len(names), least)
		}
	}
}
