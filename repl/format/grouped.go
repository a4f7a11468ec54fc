package format

import "strings"

// groupedPrinter passes numbers on with their digits in groups, for \pset numericlocale. The signs are those that psql
// has for the locale C, which is the one that psql of the runtime runs in: a comma between groups and a decimal point.
type groupedPrinter struct {
	Printer
	columns []Column
}

func (p *groupedPrinter) Begin(columns []Column) error {
	p.columns = columns
	return p.Printer.Begin(columns)
}

func (p *groupedPrinter) Row(values [][]byte) error {
	for i, value := range values {
		if value != nil && p.columns[i].right() {
			values[i] = []byte(groupDigits(string(value)))
		}
	}
	return p.Printer.Row(values)
}

func (p *groupedPrinter) discard() { Discard(p.Printer) }

// groupDigits puts commas between groups of three digits before the decimal point. What is no plain number, such as an
// amount of money, stays as it is.
func groupDigits(text string) string {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return text
	}
	rest := strings.TrimLeft(text, "+-")
	if len(text)-len(rest) > 1 {
		return text
	}
	n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	var b strings.Builder
	b.WriteString(text[:len(text)-len(rest)])
	for i := range n {
		if i > 0 && (n-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(rest[i])
	}
	return b.String() + rest[n:]
}

// Discard forgets a result that will not be ended, where a printer keeps something of it.
func Discard(p Printer) {
	if d, ok := p.(interface{ discard() }); ok {
		d.discard()
	}
}
