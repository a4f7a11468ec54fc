package format

import (
	"fmt"
	"strings"
)

// Format is a way to show results.
type Format string

// The formats. All but the last four are psql's, byte for byte.
const (
	Aligned   Format = "aligned"
	Wrapped   Format = "wrapped" // aligned, with wide values wrapped to fit the terminal or the option columns
	Unaligned Format = "unaligned"
	CSV       Format = "csv"
	HTML      Format = "html"
	AsciiDoc  Format = "asciidoc"
	LaTeX     Format = "latex"
	LongLaTeX Format = "latex-longtable"
	Troff     Format = "troff-ms"
	JSON      Format = "json"     // an array of objects a result
	JSONLines Format = "jsonl"    // an object a row
	Markdown  Format = "markdown" // a table as GitHub and others read it
	Table     Format = "table"    // a box of Unicode lines
)

// Formats lists all formats, for messages and completion.
var Formats = []Format{Aligned, Wrapped, Unaligned, CSV, HTML, AsciiDoc, LaTeX, LongLaTeX, Troff, JSON, JSONLines, Markdown, Table}

// FormatNames returns the names of all formats.
func FormatNames() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = string(f)
	}
	return names
}

// The styles of the lines of aligned tables. "" is ASCIILines.
const (
	ASCIILines   = "ascii"
	OldASCII     = "old-ascii" // as psql drew them before 8.4
	UnicodeLines = "unicode"
)

// Data reports whether the format is for programs to read, so that nothing but rows may be written among them.
func (f Format) Data() bool { return f == JSON || f == JSONLines }

// Options say how results look: psql's \pset.
type Options struct {
	Format     Format
	Encoding   Encoding // of the text
	Border     int      // 0, 1 or 2
	Expanded   bool     // a line for each column
	Auto       bool     // a line for each column when a row is wider than the terminal
	Columns    int      // the width that Auto goes by, 0 for the terminal's
	Timing     bool     // tell how long statements take
	NoPager    bool     // never page
	PagerLines int      // page only what has more lines than this
	Always     bool     // page everything
	Title      string   // above tables
	TuplesOnly bool     // no header, no footer
	NoFooter   bool     // no "(n rows)"
	LineStyle  string   // of aligned tables
	XHeader    string   // how wide the line above an expanded record is: "full" or "", "column", "page" or a number
	Locale     bool     // digits in groups
	Null       string   // shown for NULL
	FieldSep   string   // between the fields of unaligned output
	RecordSep  string   // between its records
	CSVSep     string   // between the fields of CSV
	TableAttr  string   // attributes of HTML's table tag

	DoubleBorder, DoubleColumns, DoubleHeader bool // of Unicode lines

	Footers []string // below a table, instead of "(n rows)"
	Screen  int      // how wide the terminal is, 0 when there is none
	Chunk   int      // aligned tables are printed so many rows at a time, each chunk with widths of its own; 0 for all at once
}

// DefaultOptions returns psql's defaults.
func DefaultOptions() Options {
	return Options{Format: Aligned, Border: 1, FieldSep: "|", RecordSep: "\n", CSVSep: ","}
}

// ParseFormat returns the format of that name or, as in psql, of an unambiguous beginning of it in letters of any case.
func ParseFormat(name string) (Format, error) {
	var found []string
	names := FormatNames()
	for i, f := range Formats {
		if strings.EqualFold(names[i], name) {
			return f, nil
		}
		if hasPrefixFold(names[i], name) && f != LongLaTeX {
			found = append(found, names[i])
		}
	}
	switch {
	case len(found) == 1:
		return Format(found[0]), nil
	case len(found) == 0 && hasPrefixFold(string(LongLaTeX), name):
		return LongLaTeX, nil
	case len(found) > 1 && name != "":
		return "", fmt.Errorf("ambiguous abbreviation \"%s\" matches both \"%s\" and \"%s\"", name, found[0], found[1])
	}
	return "", fmt.Errorf("allowed formats are %s", strings.Join(names, ", "))
}

func hasPrefixFold(text, prefix string) bool {
	return len(prefix) <= len(text) && strings.EqualFold(text[:len(prefix)], prefix)
}
