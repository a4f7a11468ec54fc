// Package manpage writes a manual page in the format of man(7) from a description of the program.
package manpage

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// Page describes a program.
type Page struct {
	Program  Section
	Commands []Section
	Exit     []Item    // exit codes and what they mean
	Version  string    // for the foot of the page
	Date     time.Time // of the program
	SeeAlso  []string  // names of programs in section 1
}

// Section describes the program or one of its commands.
type Section struct {
	Name, Purpose      string
	Usage, Description string
	Options            []Item
}

// Item is an option or an exit code, and what it means.
type Item struct{ Term, Text string }

// Write writes the page.
func (p Page) Write(w io.Writer) error {
	var m roff
	m.begin(p)
	for _, c := range p.Commands {
		m.command(c)
	}
	m.end(p)
	_, err := w.Write(m.Bytes())
	return err
}

// roff is the source of a page under construction.
type roff struct{ bytes.Buffer }

func (m *roff) begin(p Page) {
	title := strings.ToUpper(p.Program.Name)
	fmt.Fprintf(m, ".TH %s 1 %s \"%s\" \"User Commands\"\n", title, p.Date.Format(time.DateOnly), escape(footer(p.Version)))
	fmt.Fprintf(m, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", escape(p.Program.Name), escape(p.Program.Purpose))
	m.usage(p.Program.Usage)
	m.WriteString(".SH DESCRIPTION\n")
	m.text(p.Program.Description)
	m.WriteString(".SH \"GLOBAL OPTIONS\"\n")
	m.list(p.Program.Options)
	m.WriteString(".SH COMMANDS\n")
}

// footer shortens a pseudo-version. There is no room for one beside the date in a page of 80 columns.
func footer(version string) string {
	const widest = 30
	if at := strings.LastIndexByte(version, '-'); len(version) > widest && at > 0 {
		return version[:at]
	}
	return version
}

func (m *roff) command(s Section) {
	fmt.Fprintf(m, ".SS \"%s \\- %s\"\n", escape(s.Name), escape(s.Purpose))
	m.usage(s.Usage)
	m.text(s.Description)
	m.list(s.Options)
}

func (m *roff) end(p Page) {
	m.WriteString(".SH \"EXIT STATUS\"\n")
	m.list(p.Exit)
	m.WriteString(".SH \"SEE ALSO\"\n")
	for i, name := range p.SeeAlso {
		comma := ","
		if i == len(p.SeeAlso)-1 {
			comma = ""
		}
		fmt.Fprintf(m, ".BR %s (1)%s\n", escape(name), comma)
	}
}

func (m *roff) usage(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(m, ".PP\n.B %s\n", escape(strings.TrimSpace(line)))
	}
}

// text writes paragraphs. Indented lines are examples and stay as they are.
func (m *roff) text(text string) {
	verbatim, begun := false, false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if indented := strings.HasPrefix(line, "   "); indented != verbatim && line != "" {
			m.verbatim(indented)
			verbatim = indented
		}
		if line == "" || !begun {
			m.WriteString(".PP\n")
		}
		if begun = true; line != "" {
			m.WriteString(escape(strings.TrimPrefix(line, "   ")) + "\n")
		}
	}
	if verbatim {
		m.verbatim(false)
	}
}

// verbatim begins or ends lines that are not filled.
func (m *roff) verbatim(begin bool) {
	if begin {
		m.WriteString(".RS 4\n.nf\n")
		return
	}
	m.WriteString(".fi\n.RE\n")
}

func (m *roff) list(all []Item) {
	for _, i := range all {
		fmt.Fprintf(m, ".TP\n.B %s\n%s\n", escape(i.Term), escape(i.Text))
	}
}

var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`)

// escape escapes what troff would read as its own.
func escape(text string) string {
	text = escapes.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
