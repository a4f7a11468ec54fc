package format

import (
	"bufio"
	"fmt"
	"io"
)

// Column describes a column of a result.
type Column struct {
	Name string
	OID  uint32 // of its type
	// Array says of what the type consists when it is an array type that is not built in.
	Array Array
}

// right reports whether psql right-aligns the type: numbers, money, and the identifiers that are numbers.
func (c Column) right() bool {
	switch c.OID {
	case oidInt8, oidInt2, oidInt4, oidOID, oidXID, oidCID, oidFloat4, oidFloat8, oidMoney, oidNumeric, oidXID8:
		return true
	}
	return false
}

// The object identifiers of built-in types that printing treats specially (pg_type.dat in PostgreSQL's source).
const (
	oidBool    = 16
	oidInt8    = 20
	oidInt2    = 21
	oidInt4    = 23
	oidOID     = 26
	oidXID     = 28
	oidCID     = 29
	oidJSON    = 114
	oidFloat4  = 700
	oidFloat8  = 701
	oidMoney   = 790
	oidNumeric = 1700
	oidJSONB   = 3802
	oidXID8    = 5069
)

// Printer writes one result after another: for each Begin, a Row per row, and End. The values of a row are valid only
// during the call; a nil value is NULL. Except for the formats that need the width of columns, nothing of a result is
// kept in memory. Printers are not safe for concurrent use.
type Printer interface {
	Begin(columns []Column) error
	Row(values [][]byte) error
	End() error
}

// NewPrinter returns a printer of the format that the options name. The output is buffered by the caller.
func NewPrinter(w *bufio.Writer, o Options) (Printer, error) {
	p, err := newPrinter(w, o)
	if err == nil && o.Locale && !o.Format.Data() {
		p = &groupedPrinter{Printer: p}
	}
	return p, err
}

func newPrinter(w *bufio.Writer, o Options) (Printer, error) {
	switch o.Format {
	case Aligned, Wrapped:
		return &measuredPrinter{w: w, o: o, style: styleOf(o), chunk: o.Chunk}, nil
	case AsciiDoc:
		return &asciiDocPrinter{w: w, o: o}, nil
	case LaTeX:
		return newLatexPrinter(w, o), nil
	case LongLaTeX:
		if o.Expanded {
			return newLatexPrinter(w, o), nil
		}
		return &longLatexPrinter{w: w, o: o}, nil
	case Troff:
		return newTroffPrinter(w, o), nil
	case Unaligned:
		return &unalignedPrinter{w: w, o: o}, nil
	case CSV:
		return newCSV(w, o)
	case JSON, JSONLines:
		return &jsonPrinter{w: w, lines: o.Format == JSONLines}, nil
	case Markdown:
		return &markdownPrinter{w: w, o: o}, nil
	case HTML:
		return &htmlPrinter{w: w, o: o}, nil
	case Table:
		return &tablePrinter{w: w, o: o}, nil
	}
	return nil, fmt.Errorf("no printer for format %q", o.Format)
}

// values turns a row into text, with the text chosen for NULL.
func (o *Options) values(row [][]byte) []string {
	texts := make([]string, len(row))
	for i, value := range row {
		texts[i] = o.value(value)
	}
	return texts
}

func (o *Options) value(value []byte) string {
	if value == nil {
		return o.Null
	}
	return string(value)
}

// footer returns "(n rows)" as psql has it.
func footer(rows int) string {
	if rows == 1 {
		return "(1 row)"
	}
	return fmt.Sprintf("(%d rows)", rows)
}

// belowRecords returns the lines below an expanded table, which numbers its records.
func (o *Options) belowRecords() []string {
	if o.TuplesOnly {
		return nil
	}
	return o.Footers
}

// below returns the lines below a table: its footers, or else "(n rows)".
func (o *Options) below(rows int) []string {
	switch {
	case o.TuplesOnly:
		return nil
	case o.Footers != nil:
		return o.Footers
	case o.NoFooter:
		return nil
	}
	return []string{footer(rows)}
}

// repeat writes text n times.
func repeat(w io.StringWriter, text string, n int) {
	for range n {
		_, _ = w.WriteString(text) // a bufio.Writer keeps the error
	}
}
