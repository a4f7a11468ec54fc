package repl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Format is a way to show results.
type Format string

// The formats. Aligned, Unaligned, CSV and HTML are psql's, byte for byte.
const (
	Aligned   Format = "aligned"
	Unaligned Format = "unaligned"
	CSV       Format = "csv"
	HTML      Format = "html"
	JSON      Format = "json"     // an array of objects a result
	JSONLines Format = "jsonl"    // an object a row
	Markdown  Format = "markdown" // a table as GitHub and others read it
	Table     Format = "table"    // a box of Unicode lines
)

// Formats lists all formats, for messages and completion.
var Formats = []Format{Aligned, Unaligned, CSV, HTML, JSON, JSONLines, Markdown, Table}

// Data reports whether the format is for programs to read, so that nothing but rows may be written among them.
func (f Format) Data() bool { return f == JSON || f == JSONLines }

// Options say how results look: psql's \pset.
type Options struct {
	Format     Format
	Border     int    // 0, 1 or 2
	Expanded   bool   // a line for each column
	Auto       bool   // a line for each column when a row is wider than the terminal
	Columns    int    // the width that Auto goes by, 0 for the terminal's
	Timing     bool   // tell how long statements take
	NoPager    bool   // never page
	PagerLines int    // page only what has more lines than this
	Always     bool   // page everything
	Title      string // above tables
	TuplesOnly bool   // no header, no footer
	NoFooter   bool   // no "(n rows)"
	Unicode    bool   // lines of aligned tables drawn with Unicode characters
	Null       string // shown for NULL
	FieldSep   string // between the fields of unaligned output
	RecordSep  string // between its records
	CSVSep     string // between the fields of CSV
	TableAttr  string // attributes of HTML's table tag

	footers  []string // below a table, in place of "(n rows)"
	terminal int      // how wide the terminal is, 0 when there is none
}

// DefaultOptions returns psql's defaults.
func DefaultOptions() Options {
	return Options{Format: Aligned, Border: 1, FieldSep: "|", RecordSep: "\n", CSVSep: ","}
}

// ParseFormat returns the format of that name or, as in psql, of an unambiguous beginning of it.
func ParseFormat(name string) (Format, error) {
	var found []string
	for _, f := range Formats {
		if string(f) == name {
			return f, nil
		}
		if name != "" && strings.HasPrefix(string(f), name) {
			found = append(found, string(f))
		}
	}
	if len(found) == 1 {
		return Format(found[0]), nil
	}
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = string(f)
	}
	return "", fmt.Errorf("unknown format %q: use one of %s", name, strings.Join(names, ", "))
}

// Set sets the option that \pset has under the name. For options that are on or off an empty value switches.
// See https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMAND-PSET.
func (o *Options) Set(name, value string) (err error) {
	switch name {
	case "format":
		o.Format, err = ParseFormat(value)
	case "border":
		o.Border, err = strconv.Atoi(value)
		if err != nil || o.Border < 0 {
			return fmt.Errorf("border: %q is not a number from 0 to 2", value)
		}
	case "expanded", "x", "vertical":
		if o.Auto = value == "auto"; o.Auto {
			o.Expanded = false
			return nil
		}
		err = setSwitch(&o.Expanded, value)
	case "title", "C":
		o.Title = value
	case "tuples_only", "t":
		err = setSwitch(&o.TuplesOnly, value)
	case "footer":
		footer := !o.NoFooter
		err = setSwitch(&footer, value)
		o.NoFooter = !footer
	case "linestyle":
		if value != "ascii" && value != "unicode" {
			return fmt.Errorf("linestyle: %q is not supported: use ascii or unicode", value)
		}
		o.Unicode = value == "unicode"
	case "null":
		o.Null = value
	case "fieldsep":
		o.FieldSep = value
	case "fieldsep_zero":
		o.FieldSep = "\x00"
	case "recordsep":
		o.RecordSep = value
	case "recordsep_zero":
		o.RecordSep = "\x00"
	case "csv_fieldsep":
		err = o.setCSVSep(value)
	case "tableattr", "T":
		o.TableAttr = value
	case "pager":
		err = o.setPager(value)
	case "pager_min_lines":
		o.PagerLines, err = strconv.Atoi(value)
	case "columns":
		o.Columns, err = strconv.Atoi(value)
	default:
		return fmt.Errorf("unknown option: %s", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (o *Options) setPager(value string) error {
	if o.Always = value == "always"; o.Always {
		o.NoPager = false
		return nil
	}
	pager := !o.NoPager
	err := setSwitch(&pager, value)
	o.NoPager = !pager
	return err
}

func (o *Options) setCSVSep(value string) error {
	if len(value) != 1 {
		return errors.New("must be a single one-byte character")
	}
	if strings.Contains("\"\r\n\x00", value) {
		return errors.New("cannot be a double quote, a newline, or a carriage return")
	}
	o.CSVSep = value
	return nil
}

// setSwitch sets a switch to what a Boolean of psql says: on, off, true, false, yes, no, 1, 0 or the start of one.
func setSwitch(b *bool, value string) error {
	if value == "" {
		*b = !*b
		return nil
	}
	on, ok := ParseBool(value)
	if !ok {
		return fmt.Errorf("%q is not on or off", value)
	}
	*b = on
	return nil
}

// ParseBool reads a Boolean the way psql's variables spell it.
func ParseBool(value string) (on, ok bool) {
	v := strings.ToLower(value)
	starts := func(word string, least int) bool { return len(v) >= least && strings.HasPrefix(word, v) }
	switch {
	case starts("true", 1), starts("yes", 1), starts("on", 2), v == "1":
		return true, true
	case starts("false", 1), starts("no", 1), starts("off", 2), v == "0":
		return false, true
	}
	return false, false
}
