package format

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var update = flag.String("update", "", "write testdata/psql.golden anew with this psql, such as \"pglite -D memory: tool psql\"")

// goldenFile holds what psql prints for each of the goldens: "==== NAME", and the text up to the next one.
const goldenFile = "testdata/psql.golden"

// result is a result that is printed in many ways. A value "NULL" is NULL.
type result struct {
	names, types []string
	rows         [][]string
}

// typeOIDs are the object identifiers of the types of results.
var typeOIDs = map[string]uint32{
	"text": 25, "int": oidInt4, "bigint": oidInt8, "numeric": oidNumeric, "bool": oidBool, "float8": oidFloat8, "money": oidMoney,
	"date": 1082, "oid": oidOID, "json": oidJSON,
}

// results are chosen so that each has something that the others lack.
var results = map[string]result{
	"plain": {[]string{"n", "text"}, []string{"int", "text"}, [][]string{{"1", "one"}, {"22", "NULL"}, {"-333", ""}}},
	"one":   {[]string{"?column?"}, []string{"int"}, [][]string{{"1"}}},
	"empty": {[]string{"a", "name"}, []string{"int", "text"}, nil},
	"lines": {[]string{"a", "b", "c"}, []string{"text", "int", "text"}, [][]string{{"1\n22\n333", "4", "x\ty"}, {"short", "5", "two\nlines"}, {"", "NULL", "\n"}}},
	"wide":  {[]string{"größe", "日本"}, []string{"text", "text"}, [][]string{{"日本語", "é"}, {"e\u0301", "a"}, {"🙂", "ﬀ"}, {"\u200b", "ＡＢ"}}},
	"signs": {[]string{"a|b", `c"d`}, []string{"text", "text"}, [][]string{{`<&>"'`, `a|b,c;d`}, {`\_%#${}~^`, "x\x01y\x7fz"}, {" lead", "trail "}, {"\u0085", "*.\\.[]"}}},
	"long":  {[]string{"id", "first long name", "second"}, []string{"int", "text", "text"}, [][]string{{"1", "Lorem ipsum dolor sit amet, consectetur", "sed do"}, {"200", "short", "eiusmod tempor incididunt ut labore\net dolore magna aliqua"}, {"3", "NULL", "日本語日本語日本語日本語"}}},
	"names": {[]string{"two\nlines", "a", "日本\nx\ny"}, []string{"text", "int", "text"}, [][]string{{"1", "2", "3"}, {"a\nb", "-5", "x"}}},
	"types": {[]string{"b", "numeric", "f", "m", "d", "o"}, []string{"bool", "numeric", "float8", "money", "date", "oid"}, [][]string{{"t", "1234567.891", "1e+20", "$1,234.50", "2026-01-02", "16384"}, {"f", "-0.5", "NaN", "-$0.01", "NULL", "1"}}},
	"many": {[]string{"i"}, []string{"bigint"}, slices.Collect(func(yield func([]string) bool) {
		for i := range 12 {
			if !yield([]string{fmt.Sprint(i * 1000)}) {
				return
			}
		}
	})},
	"nothing": {nil, nil, [][]string{{}, {}}},
}

// sql returns the query that has the result. Its columns are named by psql's way of a statement that cannot be told from
// it.
func (r result) sql() string {
	columns := make([]string, len(r.names))
	value := func(i int, text string) string {
		if text == "NULL" {
			return "NULL::" + r.types[i]
		}
		return "E'" + strings.NewReplacer("'", `\'`, `\`, `\\`, "\n", `\n`).Replace(text) + "'::" + r.types[i]
	}
	if len(r.names) == 0 {
		return fmt.Sprintf("SELECT FROM generate_series(1, %d);", len(r.rows))
	}
	var selects []string
	for _, row := range r.rows {
		for i, text := range row {
			columns[i] = value(i, text) + ` AS "` + strings.ReplaceAll(r.names[i], `"`, `""`) + `"`
		}
		selects = append(selects, "SELECT "+strings.Join(columns, ", "))
	}
	if len(selects) > 0 {
		return strings.Join(selects, "\nUNION ALL ") + ";"
	}
	for i, name := range r.names {
		columns[i] = `NULL::` + r.types[i] + ` AS "` + name + `"`
	}
	return "SELECT " + strings.Join(columns, ", ") + " WHERE false;"
}

// golden is a result in a format with options.
type golden struct{ result, options string }

// name returns the golden's name in the file.
func (g golden) name() string { return g.result + " " + g.options }

// goldens returns all of them, in order.
func goldens() (all []golden) {
	for name := range results {
		for _, options := range goldenOptions(name) {
			all = append(all, golden{name, options})
		}
	}
	slices.SortFunc(all, func(a, b golden) int { return strings.Compare(a.name(), b.name()) })
	return all
}

// goldenOptions returns the options that a result is printed with.
func goldenOptions(name string) (options []string) {
	add := func(format string, args ...any) { options = append(options, fmt.Sprintf(format, args...)) }
	for _, expanded := range []string{"", " expanded=on"} {
		for border := range 4 {
			add("format=aligned border=%d%s", border, expanded)
			for _, format := range []string{"html", "asciidoc", "latex", "latex-longtable", "troff-ms"} {
				if border != 1 || name == "plain" || name == "signs" || name == "names" {
					add("format=%s border=%d%s", format, border, expanded)
				}
			}
		}
		for _, format := range Formats[:9] {
			add("format=%s tuples_only=on%s", format, expanded)
			if name == "plain" || name == "empty" || name == "nothing" {
				add("format=%s title=Title null=(none) footer=off tableattr=x=1%s", format, expanded)
			}
		}
		for border := range 3 {
			if name == "lines" || name == "long" || name == "names" {
				add("format=aligned border=%d linestyle=old-ascii%s", border, expanded)
				add("format=aligned border=%d linestyle=unicode%s", border, expanded)
				add("format=wrapped border=%d columns=30%s", border, expanded)
				add("format=wrapped border=%d columns=30 linestyle=unicode unicode_border_linestyle=double unicode_header_linestyle=double%s", border, expanded)
				add("format=wrapped border=%d columns=40 linestyle=old-ascii unicode_column_linestyle=double%s", border, expanded)
				add("format=aligned border=%d columns=30 expanded=auto", border)
				add("format=aligned border=%d columns=25 expanded=on xheader_width=page", border)
				add("format=aligned border=%d expanded=on xheader_width=column", border)
			}
		}
		add("format=unaligned%s", expanded)
		add("format=unaligned fieldsep=, recordsep=;%s", expanded)
		add("format=csv%s", expanded)
		add("format=csv csv_fieldsep=; null=(none)%s", expanded)
		if name == "types" || name == "many" {
			add("format=aligned numericlocale=on%s", expanded)
			add("format=csv numericlocale=on%s", expanded)
		}
	}
	slices.Sort(options)
	return slices.Compact(options)
}

// printGolden prints a golden with our printers.
func printGolden(t *testing.T, g golden) string {
	t.Helper()
	o := DefaultOptions()
	for _, option := range strings.Fields(g.options) {
		name, value, _ := strings.Cut(option, "=")
		if err := o.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	r := results[g.result]
	columns := make([]Column, len(r.names))
	for i, name := range r.names {
		columns[i] = Column{Name: name, OID: typeOIDs[r.types[i]]}
	}
	grid := &Grid{Columns: columns}
	for _, row := range r.rows {
		cells := make([]*string, len(row))
		for i := range row {
			if row[i] != "NULL" {
				cells[i] = &row[i]
			}
		}
		grid.Rows = append(grid.Rows, cells)
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := grid.Print(w, o); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPrintsAsPsql compares what the printers print with what psql has printed.
func TestPrintsAsPsql(t *testing.T) {
	t.Parallel()
	if *update != "" {
		writeGoldens(t)
	}
	file, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(string(file), "==== "), "\n==== ") {
		name, text, _ := strings.Cut(part, "\n")
		want[name] = text
	}
	all := goldens()
	if len(all) < 500 || len(want) != len(all) {
		t.Errorf("there are %d goldens, and %d in %s", len(all), len(want), goldenFile)
	}
	for _, g := range all {
		if got := printGolden(t, g); got != want[g.name()] {
			t.Errorf("%s\ngot\n%s\nwant\n%s", g.name(), got, want[g.name()])
		}
	}
}

// reset are the options that each golden begins with.
const reset = `\pset format aligned
\pset border 1
\pset expanded off
\pset tuples_only off
\pset title
\pset footer on
\pset linestyle ascii
\pset null ''
\pset numericlocale off
\pset columns 0
\pset fieldsep '|'
\pset recordsep '\n'
\pset csv_fieldsep ','
\pset tableattr
\pset xheader_width full
\pset unicode_border_linestyle single
\pset unicode_column_linestyle single
\pset unicode_header_linestyle single
`

// writeGoldens has psql print all goldens.
func writeGoldens(t *testing.T) {
	t.Helper()
	var script strings.Builder
	script.WriteString("SET lc_monetary TO 'C';\n")
	for i, g := range goldens() {
		script.WriteString(reset)
		for _, option := range strings.Fields(g.options) {
			name, value, _ := strings.Cut(option, "=")
			fmt.Fprintf(&script, "\\pset %s '%s'\n", name, value)
		}
		if i > 0 {
			script.WriteString("\\echo\n") // so that the name stands at the start of a line whatever comes before
		}
		fmt.Fprintf(&script, "\\echo ==== %s\n%s\n", g.name(), results[g.result].sql())
	}
	words := append(strings.Fields(*update), "-X", "-q")
	psql := exec.Command(words[0], words[1:]...)
	psql.Stdin, psql.Stderr = strings.NewReader(script.String()), os.Stderr
	out, err := psql.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenFile, out, 0o644); err != nil {
		t.Fatal(err)
	}
}
