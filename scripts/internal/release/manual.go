package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// writeManual writes the man page of the program, made from its help texts: see man(7).
func writeManual(w io.Writer, program string, when time.Time) error {
	top, err := askHelp(program)
	if err != nil {
		return err
	}
	if len(top.subcommands) == 0 {
		return errors.New("the help text lists no commands")
	}
	version, err := exec.Command(program, "--version").Output()
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", program, err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	page := manual{}
	page.begin(top, when, first)
	for _, c := range top.subcommands {
		h, err := askHelp(program, c.term)
		if err != nil {
			return err
		}
		page.command(h)
	}
	page.end()
	_, err = w.Write(page.Bytes())
	return err
}

// manual is a man page in the making.
type manual struct{ bytes.Buffer }

func (m *manual) begin(h help, when time.Time, version string) {
	fmt.Fprintf(m, ".TH %s 1 %s \"%s\" \"User Commands\"\n", strings.ToUpper(h.name), when.Format(time.DateOnly), roff(footer(version)))
	fmt.Fprintf(m, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", roff(h.name), roff(h.purpose))
	m.usage(h.usage)
	m.WriteString(".SH DESCRIPTION\n")
	m.text(h.description)
	m.WriteString(".SH \"GLOBAL OPTIONS\"\n")
	m.list(h.options)
	m.WriteString(".SH COMMANDS\n")
}

// footer shortens a pseudo-version, beside which the date has no room in a page of 80 columns.
func footer(version string) string {
	const widest = 30
	if at := strings.LastIndexByte(version, '-'); len(version) > widest && at > 0 {
		return version[:at]
	}
	return version
}

func (m *manual) command(h help) {
	fmt.Fprintf(m, ".SS \"%s \\- %s\"\n", roff(h.name), roff(h.purpose))
	m.usage(h.usage)
	m.text(h.description)
	m.list(h.options)
}

// exitStatus is what the package cmd promises of every command.
var exitStatus = []described{
	{"0", "all went well"},
	{"1", "an error of pglite's own"},
	{"2", "there is no connection to the server, or it was lost"},
	{"3", "an error in the SQL that was to be run"},
}

func (m *manual) end() {
	m.WriteString(".SH \"EXIT STATUS\"\n")
	m.list(exitStatus)
	m.WriteString(".SH \"SEE ALSO\"\n.BR psql (1),\n.BR pg_dump (1),\n.BR postgres (1)\n")
}

func (m *manual) usage(lines []string) {
	for _, line := range lines {
		fmt.Fprintf(m, ".PP\n.B %s\n", roff(strings.TrimSpace(line)))
	}
}

// text writes paragraphs; indented lines, which are examples, stay as they are.
func (m *manual) text(lines []string) {
	verbatim, begun := false, false
	for _, line := range lines {
		if indented := strings.HasPrefix(line, "   "); indented != verbatim && line != "" {
			m.WriteString(map[bool]string{true: ".RS 4\n.nf\n", false: ".fi\n.RE\n"}[indented])
			verbatim = indented
		}
		if line == "" || !begun {
			m.WriteString(".PP\n")
		}
		if begun = true; line != "" {
			m.WriteString(roff(strings.TrimPrefix(line, "   ")) + "\n")
		}
	}
	if verbatim {
		m.WriteString(".fi\n.RE\n")
	}
}

func (m *manual) list(all []described) {
	for _, d := range all {
		fmt.Fprintf(m, ".TP\n.B %s\n%s\n", roff(d.term), roff(d.text))
	}
}

var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`)

// roff escapes what troff would read as its own.
func roff(text string) string {
	text = escapes.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
