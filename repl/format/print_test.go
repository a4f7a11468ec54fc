package format

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// printed returns a result in a format. A value "NULL" is NULL.
func printed(t *testing.T, set string, columns []Column, rows ...[]string) string {
	t.Helper()
	o := DefaultOptions()
	for _, option := range strings.Fields(set) {
		name, value, _ := strings.Cut(option, "=")
		if err := o.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	p, err := NewPrinter(w, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Begin(columns); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		values := make([][]byte, len(row))
		for i, value := range row {
			if value != "NULL" {
				values[i] = []byte(value)
			}
		}
		if err := p.Row(values); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPrint has a sample of each format; those of psql are compared with psql itself in package cmd.
func TestPrint(t *testing.T) {
	t.Parallel()
	columns := []Column{{Name: "n", OID: oidInt4}, {Name: "text", OID: 25}}
	rows := [][]string{{"1", "日本\nx|y"}, {"22", "NULL"}}
	for set, want := range map[string]string{
		"format=aligned":          " n  | text \n----+------\n  1 | 日本+\n    | x|y\n 22 | \n(2 rows)\n\n",
		"expanded":                "-[ RECORD 1 ]\nn    | 1\ntext | 日本 +\n     | x|y\n-[ RECORD 2 ]\nn    | 22\ntext | \n\n",
		"format=unaligned":        "n|text\n1|日本\nx|y\n22|\n(2 rows)\n",
		"format=csv null=-":       "n,text\n1,\"日本\nx|y\"\n22,-\n",
		"format=json":             "[{\"n\":1,\"text\":\"日本\\nx|y\"},{\"n\":22,\"text\":null}]\n",
		"format=jsonl":            "{\"n\":1,\"text\":\"日本\\nx|y\"}\n{\"n\":22,\"text\":null}\n",
		"format=markdown":         "| n | text |\n| ---: | --- |\n| 1 | 日本<br>x\\|y |\n| 22 |  |\n\n",
		"format=markdown x":       "| column | value |\n| --- | --- |\n| n | 1 |\n| text | 日本<br>x\\|y |\n| n | 22 |\n| text |  |\n\n",
		"format=table":            "┌────┬──────┐\n│ n  │ text │\n├────┼──────┤\n│  1 │ 日本 │\n│    │ x|y  │\n│ 22 │      │\n└────┴──────┘\n(2 rows)\n\n",
		"format=table t null=(n)": "┌────┬──────┐\n│  1 │ 日本 │\n│    │ x|y  │\n│ 22 │ (n)  │\n└────┴──────┘\n\n",
	} {
		if got := printed(t, set, columns, rows...); got != want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", set, got, want)
		}
	}
}

func TestPrintJSONValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		oid         uint32
		value, want string
	}{
		{oidInt8, "9223372036854775807", "9223372036854775807"},
		{oidNumeric, "1.50", "1.50"},
		{oidNumeric, "NaN", `"NaN"`},
		{oidFloat8, "-Infinity", `"-Infinity"`},
		{oidFloat4, "1e-07", "1e-07"},
		{oidBool, "t", "true"},
		{oidBool, "f", "false"},
		{oidJSON, "{\n \"a\" : 1 }", `{"a":1}`},
		{oidJSONB, "null", "null"},
		{oidJSON, "broken", `"broken"`},
		{oidMoney, "$1.00", `"$1.00"`},
		{25, "<&>\"\\\n\x01", `"<&>\"\\\n\u0001"`},
		{25, "\xff", `"\ufffd"`},
		{25, "1", `"1"`},
		{25, "NULL", "null"},
	} {
		got := printed(t, "format=jsonl", []Column{{Name: "v", OID: c.oid}}, []string{c.value})
		if got != `{"v":`+c.want+"}\n" {
			t.Errorf("type %d, value %q: got %s want %s", c.oid, c.value, got, c.want)
		}
	}
	columns := []Column{{Name: "a", OID: 25}, {Name: "a", OID: 25}, {Name: "a_2", OID: 25}, {Name: "a", OID: 25}}
	if got := printed(t, "format=jsonl", columns, []string{"1", "2", "3", "4"}); got != `{"a":"1","a_3":"2","a_2":"3","a_4":"4"}`+"\n" {
		t.Errorf("keys: got %s", got)
	}
}

// TestPrintStreams checks that the formats for big results keep nothing: what goes in comes out before the end.
func TestPrintStreams(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{Unaligned, CSV, JSON, JSONLines, HTML, Markdown} {
		var out bytes.Buffer
		w := bufio.NewWriterSize(&out, 16)
		o := DefaultOptions()
		o.Format = format
		p, err := NewPrinter(w, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Begin([]Column{{Name: "a", OID: 25}}); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if err := p.Row([][]byte{[]byte("value")}); err != nil {
				t.Fatal(err)
			}
		}
		if n := strings.Count(out.String(), "value"); n < 95 {
			t.Errorf("%s: %d of 100 rows were written", format, n)
		}
	}
}

func TestOptionsErrors(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]string{
		"format=yaml":     "allowed formats",
		"format=":         "allowed formats",
		"format=j":        "ambiguous",
		"expanded=maybe":  "Available values are: on, off, auto",
		"csv_fieldsep=ab": "single one-byte",
		"csv_fieldsep=\"": "double quote",
		"linestyle=x":     "allowed line styles",
		"nonsense=1":      "unknown option",
	} {
		o := DefaultOptions()
		name, value, _ := strings.Cut(option, "=")
		if err := o.Set(name, value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v", option, err)
		}
	}
}

func FuzzPrint(f *testing.F) {
	f.Add("a", "b\nc", byte(0))
	f.Add("日本\t\r", "\xff\x00\u0080", byte(3))
	f.Fuzz(func(t *testing.T, name, value string, how byte) {
		o := DefaultOptions()
		o.Format = Formats[int(how)%len(Formats)]
		o.Border, o.Expanded, o.TuplesOnly = int(how>>3)%3, how&64 != 0, how&128 != 0
		p, err := NewPrinter(bufio.NewWriter(io.Discard), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Begin([]Column{{Name: name, OID: oidInt4}, {Name: "b", OID: 25}}); err != nil {
			t.Fatal(err)
		}
		if err := p.Row([][]byte{[]byte(value), nil}); err != nil {
			t.Fatal(err)
		}
		if err := p.End(); err != nil {
			t.Fatal(err)
		}
	})
}
