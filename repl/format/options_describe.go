package format

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// OptionNames are the options that \pset lists.
var OptionNames = []string{
	"border", "columns", "csv_fieldsep", "expanded", "fieldsep", "fieldsep_zero", "footer", "format", "linestyle", "null", "numericlocale",
	"pager", "pager_min_lines", "recordsep", "recordsep_zero", "tableattr", "title", "tuples_only",
	"unicode_border_linestyle", "unicode_column_linestyle", "unicode_header_linestyle", "xheader_width",
}

// OnOff returns a switch's value as \pset shows it.
func OnOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Get returns the value of an option as \pset lists it.
func (o *Options) Get(name string) string {
	quoted := func(text string) string {
		return "'" + strings.NewReplacer("'", `\'`, "\n", `\n`).Replace(text) + "'"
	}
	switch name {
	case "border":
		return strconv.Itoa(o.Border)
	case "columns":
		return strconv.Itoa(o.Columns)
	case "csv_fieldsep":
		return quoted(o.CSVSep)
	case "expanded":
		return o.expanded()
	case "fieldsep":
		return quoted(strings.TrimPrefix(o.FieldSep, "\x00"))
	case "fieldsep_zero":
		return OnOff(o.FieldSep == "\x00")
	case "footer":
		return OnOff(!o.NoFooter)
	case "format":
		return string(o.Format)
	case "linestyle":
		return cmp.Or(o.LineStyle, ASCIILines)
	case "unicode_border_linestyle":
		return singleDouble(o.DoubleBorder)
	case "unicode_column_linestyle":
		return singleDouble(o.DoubleColumns)
	case "unicode_header_linestyle":
		return singleDouble(o.DoubleHeader)
	case "xheader_width":
		return cmp.Or(o.XHeader, "full")
	case "numericlocale":
		return OnOff(o.Locale)
	case "null":
		return quoted(o.Null)
	case "pager":
		return map[bool]string{true: "0", false: map[bool]string{true: "2", false: "1"}[o.Always]}[o.NoPager]
	case "pager_min_lines":
		return strconv.Itoa(o.PagerLines)
	case "recordsep":
		return quoted(strings.TrimPrefix(o.RecordSep, "\x00"))
	case "recordsep_zero":
		return OnOff(o.RecordSep == "\x00")
	case "tableattr":
		return optional(o.TableAttr, quoted)
	case "title":
		return optional(o.Title, quoted)
	case "tuples_only":
		return OnOff(o.TuplesOnly)
	}
	return ""
}

func optional(text string, quoted func(string) string) string {
	if text == "" {
		return ""
	}
	return quoted(text)
}

func (o *Options) expanded() string {
	if o.Auto {
		return "auto"
	}
	return OnOff(o.Expanded)
}

func singleDouble(double bool) string {
	if double {
		return "double"
	}
	return "single"
}

// Describe returns a sentence about an option, as psql has it.
func (o *Options) Describe(name string) string {
	switch name {
	case "border":
		return fmt.Sprintf("Border style is %d.", o.Border)
	case "columns":
		if o.Columns == 0 {
			return "Target width is unset."
		}
		return fmt.Sprintf("Target width is %d.", o.Columns)
	case "csv_fieldsep":
		return fmt.Sprintf(`Field separator for CSV is "%s".`, o.CSVSep)
	case "expanded", "x", "vertical":
		if o.Auto {
			return "Expanded display is used automatically."
		}
		return "Expanded display is " + OnOff(o.Expanded) + "."
	case "fieldsep", "fieldsep_zero":
		return separator("Field", o.FieldSep)
	case "footer":
		return "Default footer is " + OnOff(!o.NoFooter) + "."
	case "format":
		return fmt.Sprintf("Output format is %s.", o.Format)
	case "linestyle":
		return "Line style is " + o.Get(name) + "."
	case "unicode_border_linestyle", "unicode_column_linestyle", "unicode_header_linestyle":
		what, _, _ := strings.Cut(strings.TrimPrefix(name, "unicode_"), "_")
		return fmt.Sprintf("Unicode %s line style is \"%s\".", what, o.Get(name))
	case "xheader_width":
		if _, err := strconv.Atoi(o.XHeader); err == nil {
			return "Expanded header width is " + o.XHeader + "."
		}
		return fmt.Sprintf("Expanded header width is \"%s\".", o.Get(name))
	case "numericlocale":
		return "Locale-adjusted numeric output is " + OnOff(o.Locale) + "."
	case "null":
		return fmt.Sprintf(`Null display is "%s".`, o.Null)
	case "pager":
		return map[string]string{"0": "Pager usage is off.", "1": "Pager is used for long output.", "2": "Pager is always used."}[o.Get(name)]
	case "pager_min_lines":
		return fmt.Sprintf("Pager won't be used for less than %d %s.", o.PagerLines, map[bool]string{true: "line", false: "lines"}[o.PagerLines == 1])
	case "recordsep", "recordsep_zero":
		return separator("Record", o.RecordSep)
	case "tableattr", "T":
		return unset("Table attributes are", "Table attributes unset.", o.TableAttr)
	case "title", "C":
		return unset("Title is", "Title is unset.", o.Title)
	case "tuples_only", "t":
		return "Tuples only is " + OnOff(o.TuplesOnly) + "."
	}
	return name + " is set."
}

func separator(what, value string) string {
	switch value {
	case "\x00":
		return what + " separator is zero byte."
	case "\n":
		return what + " separator is <newline>."
	}
	return fmt.Sprintf(`%s separator is "%s".`, what, value)
}

func unset(set, not, value string) string {
	if value == "" {
		return not
	}
	return fmt.Sprintf(`%s "%s".`, set, value)
}
