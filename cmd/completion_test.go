//go:build unix

package cmd

import (
	"regexp"
	"slices"
	"testing"
)

// helpedOption finds the long options that a line of a program's help begins with.
var helpedOption = regexp.MustCompile(`(?m)^ {1,10}(?:-[A-Za-z0-9?](?: ?[A-Z<=\[][^ ]*)?, )?(--[a-z][a-z0-9-]*)`)

// TestCompletionKnowsPrograms compares the options of PostgreSQL's programs with what they say of themselves.
func TestCompletionKnowsPrograms(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	var names []string
	for _, program := range toolOptions() {
		names = append(names, program.name)
		help := must(t, "tool", program.name, "--help")
		found := 0
		for _, match := range helpedOption.FindAllStringSubmatch(help, -1) {
			found++
			if !slices.Contains(flagNames(program.flags), match[1]) {
				t.Errorf("%s: %s is missing from completion_programs.txt", program.name, match[1])
			}
		}
		if found < 2 {
			t.Errorf("%s: its help has %d options", program.name, found)
		}
		for _, name := range flagNames(program.flags) {
			if !regexp.MustCompile(`(?m)(^|[ ,])` + name + `\b`).MatchString(help) {
				t.Errorf("%s has no option %s", program.name, name)
			}
		}
	}
	if tools := production().tools(); !slices.Equal(names, tools) {
		t.Errorf("completion_programs.txt has %v, the runtime has %v", names, tools)
	}
}
