package format

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// psetFile holds what psql says to \pset, one line or more for each: "==== NAME VALUE", and the text up to the next one.
const psetFile = "testdata/pset.golden"

// psets are the values that options are set to.
var psets = []string{
	"border 0", "border 3", "border -1", "border 65536", "border x", "columns x", "columns 1_0", "columns 0", "columns 80", "csv_fieldsep ;", "expanded on", "expanded off", "expanded auto", "x on", "vertical off",
	"fieldsep +", "fieldsep_zero x", "footer on", "footer off", "format aligned", "format unal", "format csv", "format LATEX", "format latex-l",
	"linestyle ascii", "linestyle o", "linestyle unicode", "null (null)", "numericlocale on", "numericlocale off", "pager on", "pager off",
	"pager always", "pager_min_lines 1", "pager_min_lines 20", "pager_min_lines 0x10", "recordsep ;", "recordsep_zero x", "tableattr border=1",
	"title Title", "tuples_only on", "tuples_only off", "t 1", "unicode_border_linestyle double", "unicode_column_linestyle s",
	"unicode_header_linestyle double", "xheader_width full", "xheader_width column", "xheader_width page", "xheader_width 30",
}

// silent are the options of which psql says nothing when they are given a value.
var silent = map[string]bool{"t": true, "tuples_only": true, "footer": true, "numericlocale": true}

// TestDescribesAsPsql compares what options are said to be with what psql says.
func TestDescribesAsPsql(t *testing.T) {
	t.Parallel()
	if *update != "" {
		writePsets(t)
	}
	file, err := os.ReadFile(psetFile)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimPrefix(string(file), "==== "), "==== ")
	if len(parts) != len(psets) {
		t.Fatalf("%d options are set, and %s has %d", len(psets), psetFile, len(parts))
	}
	for i, pset := range psets {
		name, value, _ := strings.Cut(pset, " ")
		o := DefaultOptions()
		if err := o.Set(name, value); err != nil {
			t.Errorf("%s: %v", pset, err)
			continue
		}
		got := pset + "\n"
		if !silent[name] {
			got += o.Describe(name) + "\n"
		}
		if got != parts[i] {
			t.Errorf("got %q, want %q", got, parts[i])
		}
		if text := o.Get(name); text == "" && name != "x" && name != "vertical" && name != "t" {
			t.Errorf("%s: it is not listed", pset)
		}
	}
}

// writePsets has psql say what the options are.
func writePsets(t *testing.T) {
	t.Helper()
	var script strings.Builder
	for _, pset := range psets {
		name, value, _ := strings.Cut(pset, " ")
		fmt.Fprintf(&script, "\\echo ==== %s\n\\pset %s '%s'\n", pset, name, value)
	}
	words := append(strings.Fields(*update), "-X")
	psql := exec.Command(words[0], words[1:]...)
	psql.Stdin, psql.Stderr = strings.NewReader(script.String()), os.Stderr
	out, err := psql.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(psetFile, out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSetErrors has values that options cannot have; those of Booleans and numbers are told without the command's name.
func TestSetErrors(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]struct {
		text  string
		value bool
	}{
		"footer maybe":                    {`unrecognized value "maybe" for "footer": Boolean expected`, true},
		"expanded maybe":                  {"Available values are: on, off, auto.", true},
		"pager maybe":                     {"Available values are: on, off, always.", true},
		"pager_min_lines 99999999999":     {"integer expected", true},
		"xheader_width 0":                 {"allowed xheader_width values", false},
		"unicode_border_linestyle triple": {"allowed Unicode border line styles", false},
		"csv_fieldsep \n":                 {"newline", false},
		"format latex-x":                  {"allowed formats", false},
		"nothing x":                       {"unknown option: nothing", false},
	} {
		name, value, _ := strings.Cut(option, " ")
		o := DefaultOptions()
		err := o.Set(name, value)
		if err == nil || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%q: got error %v, want %q", option, err, want.text)
		}
		if of := (*ValueError)(nil); errors.As(err, &of) != want.value {
			t.Errorf("%q: the error is a %T", option, err)
		}
		if fmt.Sprint(o) != fmt.Sprint(DefaultOptions()) {
			t.Errorf("%q: an option was changed", option)
		}
	}
}

// TestSwitches has options that are on or off switched by an empty value.
func TestSwitches(t *testing.T) {
	t.Parallel()
	o := DefaultOptions()
	for _, name := range []string{"expanded", "tuples_only", "footer", "numericlocale", "pager"} {
		before := o.Get(name)
		if err := o.Set(name, ""); err != nil || o.Get(name) == before {
			t.Errorf("%s: %s became %s, error %v", name, before, o.Get(name), err)
		}
		if err := o.Set(name, ""); err != nil || o.Get(name) != before {
			t.Errorf("%s: %s became %s, error %v", name, before, o.Get(name), err)
		}
	}
	for text, want := range map[string]string{
		"on": "true", "TRUE": "true", "y": "true", "1": "true", "tr": "true", "off": "false", "of": "false", "f": "false", "no": "false", "0": "false",
		"o": "none", "": "none", "2": "none", "onn": "none", "maybe": "none",
	} {
		on, ok := ParseBool(text)
		if got := fmt.Sprint(on); ok && got != want || !ok && want != "none" {
			t.Errorf("%q: got %t, %t, want %s", text, on, ok, want)
		}
	}
}
