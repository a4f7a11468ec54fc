package main

import (
	"errors"
	"slices"
	"testing"
)

const twoGroups = `# comment
test: test_setup

test: boolean char int4
test: join
`

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	s, err := parseSchedule(twoGroups)
	if err != nil || s.count() != 5 || len(s) != 3 || !slices.Equal(s[1], []string{"boolean", "char", "int4"}) {
		t.Errorf("got %v, %v", s, err)
	}
	if again, err := parseSchedule(s.String()); err != nil || again.String() != s.String() {
		t.Errorf("written and read: %v, %v", again, err)
	}
	if _, err := parseSchedule("# nothing\n"); !errors.Is(err, errNoTests) {
		t.Errorf("empty schedule: %v", err)
	}
	if _, err := parseSchedule("ignore: random\n"); err == nil {
		t.Error("an unknown line is no error")
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	s, err := parseSchedule(twoGroups)
	if err != nil {
		t.Fatal(err)
	}
	chosen, unknown := s.only([]string{"join", "int4", "boolean", "xyz"})
	if got, want := chosen.String(), "test: boolean int4\ntest: join\n"; got != want {
		t.Errorf("chosen %q, want %q", got, want)
	}
	if !slices.Equal(unknown, []string{"xyz"}) {
		t.Errorf("unknown %q", unknown)
	}
	if chosen, _ := s.only([]string{"xyz"}); chosen.count() != 0 {
		t.Errorf("chosen %q", chosen)
	}
}
