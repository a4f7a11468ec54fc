package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// help is a help text of the program, taken apart.
type help struct {
	name, purpose        string
	usage, description   []string
	options, subcommands []described
}

// described is a line of a list: an option or a command, and what it does.
type described struct{ term, text string }

// askHelp runs the program for its help text.
func askHelp(program string, command ...string) (help, error) {
	var out, problem bytes.Buffer
	c := exec.Command(program, append(command, "--help")...)
	c.Stdout, c.Stderr = &out, &problem
	if err := c.Run(); err != nil {
		return help{}, fmt.Errorf("run %s: %w: %s", c, err, bytes.TrimSpace(problem.Bytes()))
	}
	h, err := parseHelp(out.String())
	if err != nil {
		return help{}, fmt.Errorf("help text of %s: %w", c, err)
	}
	return h, nil
}

var heading = regexp.MustCompile(`^([A-Z][A-Z ]*):$`)

// parseHelp reads a help text: headings in capitals, and below each its lines, indented.
func parseHelp(text string) (h help, err error) {
	sections := map[string][]string{}
	var current string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if m := heading.FindStringSubmatch(line); m != nil {
			current = m[1]
			continue
		}
		sections[current] = append(sections[current], strings.TrimPrefix(line, "   "))
	}
	h.usage, h.description = trimBlank(sections["USAGE"]), trimBlank(sections["DESCRIPTION"])
	var found bool
	h.name, h.purpose, found = strings.Cut(strings.Join(trimBlank(sections["NAME"]), " "), " - ")
	if !found || len(h.usage) == 0 {
		return help{}, fmt.Errorf("it has no NAME or no USAGE: %q", text)
	}
	if h.options, err = parseList(append(sections["OPTIONS"], sections["GLOBAL OPTIONS"]...)); err != nil {
		return help{}, err
	}
	h.subcommands, err = parseList(sections["COMMANDS"])
	return h, err
}

var columns = regexp.MustCompile(`^(\S.*?)(?:  +(.*))?$`)

// parseList reads lines of two columns, with two spaces or more between them.
func parseList(lines []string) (all []described, err error) {
	for _, line := range trimBlank(lines) {
		m := columns.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			return nil, fmt.Errorf("a list has an empty line before its end")
		}
		all = append(all, described{m[1], m[2]})
	}
	return all, nil
}

// trimBlank takes the empty lines from both ends.
func trimBlank(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
