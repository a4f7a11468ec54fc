package format

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ValueError is an error of a value that psql tells of without saying which command was given it.
type ValueError struct{ Text string }

func (e *ValueError) Error() string { return e.Text }

// NotBool returns what psql says of a value that an option or a variable cannot have because it is no Boolean.
func NotBool(name, value string) error {
	return &ValueError{fmt.Sprintf(`unrecognized value "%s" for "%s": Boolean expected`, value, name)}
}

// NotNumber is NotBool for values that have to be integers.
func NotNumber(name, value string) error {
	return &ValueError{fmt.Sprintf(`invalid value "%s" for "%s": integer expected`, value, name)}
}

// NotOneOf is NotBool for values that have to be one of some words.
func NotOneOf(name, value, values string) error {
	return &ValueError{fmt.Sprintf("unrecognized value \"%s\" for \"%s\"\nAvailable values are: %s.", value, name, values)}
}

// Set sets the option that \pset has under the name. For options that are on or off an empty value switches.
// See https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMAND-PSET.
func (o *Options) Set(name, value string) (err error) {
	switch name {
	case "format":
		o.Format, err = orFormat(o.Format, value)
	case "border":
		o.Border = int(uint16(leadingNumber(value)))
	case "expanded", "x", "vertical":
		err = o.setExpanded(name, value)
	case "xheader_width":
		err = o.setXHeader(value)
	case "title", "C":
		o.Title = value
	case "tuples_only", "t":
		err = SetSwitch(name, &o.TuplesOnly, value)
	case "footer":
		footer := !o.NoFooter
		err = SetSwitch(name, &footer, value)
		o.NoFooter = !footer
	case "linestyle":
		err = o.setLineStyle(value)
	case "unicode_border_linestyle":
		err = setDouble("border", &o.DoubleBorder, value)
	case "unicode_column_linestyle":
		err = setDouble("column", &o.DoubleColumns, value)
	case "unicode_header_linestyle":
		err = setDouble("header", &o.DoubleHeader, value)
	case "numericlocale":
		err = SetSwitch(name, &o.Locale, value)
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
		err = setNumber(name, &o.PagerLines, value)
	case "columns":
		o.Columns = leadingNumber(value)
	default:
		return fmt.Errorf("unknown option: %s", name)
	}
	return err
}

func orFormat(old Format, value string) (Format, error) {
	format, err := ParseFormat(value)
	if err != nil {
		return old, err
	}
	return format, nil
}

// leadingNumber returns the number that a text starts with, 0 when there is none. psql reads such options with atoi(3).
func leadingNumber(text string) int {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 {
		return 0
	}
	n, _ := strconv.ParseInt(text[:len(text)-len(strings.TrimLeft(digits, "0123456789"))], 10, 32)
	return int(n)
}

func (o *Options) setExpanded(name, value string) error {
	if strings.EqualFold(value, "auto") {
		o.Auto, o.Expanded = true, false
		return nil
	}
	on := o.Expanded || o.Auto
	if SetSwitch(name, &on, value) != nil {
		return NotOneOf(name, value, "on, off, auto")
	}
	o.Auto, o.Expanded = false, on
	return nil
}

func (o *Options) setXHeader(value string) error {
	switch lower := strings.ToLower(value); lower {
	case "full", "column", "page":
		o.XHeader = lower
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n <= 0 {
		return errors.New(`allowed xheader_width values are "full" (default), "column", "page", or a number specifying the exact width`)
	}
	o.XHeader = strconv.Itoa(n)
	return nil
}

// setLineStyle takes a beginning of a style's name, too.
func (o *Options) setLineStyle(value string) error {
	for _, style := range []string{ASCIILines, OldASCII, UnicodeLines} {
		if hasPrefixFold(style, value) {
			o.LineStyle = style
			return nil
		}
	}
	return errors.New("allowed line styles are ascii, old-ascii, unicode")
}

func setDouble(what string, double *bool, value string) error {
	switch {
	case hasPrefixFold("single", value):
		*double = false
	case hasPrefixFold("double", value):
		*double = true
	default:
		return fmt.Errorf("allowed Unicode %s line styles are single, double", what)
	}
	return nil
}

func setNumber(name string, n *int, value string) error {
	number, err := ParseNumber(value)
	if err != nil {
		return NotNumber(name, value)
	}
	*n = number
	return nil
}

// ParseNumber reads an integer as psql does: in C's notations for octal and hexadecimal too.
func ParseNumber(value string) (int, error) {
	if strings.Contains(value, "_") {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseInt(strings.TrimSpace(value), 0, 32)
	return int(n), err
}

func (o *Options) setPager(value string) error {
	if strings.EqualFold(value, "always") {
		o.Always, o.NoPager = true, false
		return nil
	}
	pager := !o.NoPager && !o.Always // from always it is switched to on
	if SetSwitch("pager", &pager, value) != nil {
		return NotOneOf("pager", value, "on, off, always")
	}
	o.Always, o.NoPager = false, !pager
	return nil
}

func (o *Options) setCSVSep(value string) error {
	if len(value) != 1 {
		return errors.New("csv_fieldsep must be a single one-byte character")
	}
	if strings.Contains("\"\r\n\x00", value) {
		return errors.New("csv_fieldsep cannot be a double quote, a newline, or a carriage return")
	}
	o.CSVSep = value
	return nil
}

// SetSwitch sets a switch to what a Boolean of psql says: on, off, true, false, yes, no, 1, 0 or the start of one.
func SetSwitch(name string, b *bool, value string) error {
	if value == "" {
		*b = !*b
		return nil
	}
	on, ok := ParseBool(value)
	if !ok {
		return NotBool(name, value)
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
