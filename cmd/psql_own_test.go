//go:build unix

package cmd

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
)

// sharedCluster is a cluster that outlives the commands which use it.
type sharedCluster struct{ cluster }

func (sharedCluster) Close() error { return nil }

// memoryBackend runs commands on one cluster in memory, which ends with the test.
func memoryBackend(t *testing.T) backend {
	t.Helper()
	needRuntime(t)
	db, err := production().open(t.Context(), clusterConfig{DataDir: "memory:"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return backend{
		open:  func(context.Context, clusterConfig) (cluster, error) { return sharedCluster{db}, nil },
		tools: func() []string { return nil },
	}
}

// TestPrintsLikeOwnPsql compares the formats with the psql of the runtime, which is of PostgreSQL's own version: since 16
// it counts the columns of format characters differently, for one.
func TestPrintsLikeOwnPsql(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs psql many times")
	}
	b := memoryBackend(t)
	queries := maps.Clone(printQueries)
	queries["format characters"] = `SELECT U&'a\00adb' AS a, U&'\200b\+01f469\200d\+01f467' AS b, 'x' AS c`
	for how, args := range printOptions {
		t.Run(how, func(t *testing.T) {
			args := append(commandsOf(queries), args...)
			comparePrinted(t, runWith(b, "exec", args...), runWith(b, "tool", append([]string{"psql", "-X"}, args...)...))
		})
	}
}

// ownPrintOptions are more options, which are compared with the psql of the runtime alone.
var ownPrintOptions = map[string][]string{
	"border 3": {"-P", "border=3"}, "expanded border 3": {"-x", "-P", "border=3"},
	"title": {"-P", "title=A title_of it"}, "title expanded": {"-x", "-P", "title=A title"}, "title unaligned": {"-A", "-P", "title=t"}, "title html": {"-H", "-P", "title=<t>"},
	"old": {"-P", "linestyle=old-ascii"}, "old 0": {"-P", "linestyle=old-ascii", "-P", "border=0"}, "old 2": {"-P", "linestyle=old-ascii", "-P", "border=2"},
	"expanded old": {"-x", "-P", "linestyle=o"}, "expanded old 0": {"-x", "-P", "linestyle=o", "-P", "border=0"}, "expanded old 2": {"-x", "-P", "linestyle=o", "-P", "border=2"},
	"double":          {"-P", "linestyle=unicode", "-P", "border=2", "-P", "unicode_border_linestyle=double", "-P", "unicode_column_linestyle=double", "-P", "unicode_header_linestyle=double"},
	"double border":   {"-P", "linestyle=u", "-P", "border=2", "-P", "unicode_border_linestyle=d"},
	"double columns":  {"-x", "-P", "linestyle=u", "-P", "border=2", "-P", "unicode_column_linestyle=double"},
	"double header":   {"-P", "linestyle=u", "-P", "unicode_header_linestyle=double"},
	"wrapped":         {"-P", "format=wrapped", "-P", "columns=60"},
	"wrapped 0":       {"-P", "format=wrapped", "-P", "columns=40", "-P", "border=0"},
	"wrapped 2":       {"-P", "format=w", "-P", "columns=50", "-P", "border=2", "-P", "linestyle=unicode"},
	"wrapped old":     {"-P", "format=w", "-P", "columns=50", "-P", "linestyle=old-ascii"},
	"wrapped narrow":  {"-P", "format=wrapped", "-P", "columns=12"},
	"wrapped free":    {"-P", "format=wrapped"},
	"wrapped tuples":  {"-t", "-P", "format=wrapped", "-P", "columns=45"},
	"expanded wrap":   {"-x", "-P", "format=wrapped", "-P", "columns=40"},
	"expanded wrap 0": {"-x", "-P", "format=wrapped", "-P", "columns=35", "-P", "border=0"},
	"expanded wrap 2": {"-x", "-P", "format=wrapped", "-P", "columns=45", "-P", "border=2", "-P", "linestyle=unicode"},
	"expanded wrap 3": {"-x", "-P", "format=wrapped", "-P", "columns=30", "-P", "linestyle=old-ascii"},
	"expanded wrap 4": {"-x", "-P", "format=wrapped", "-P", "columns=10"},
	"auto":            {"-P", "expanded=auto", "-P", "columns=30"},
	"auto wide":       {"-P", "expanded=auto", "-P", "columns=1000"},
	"auto wrapped":    {"-P", "expanded=auto", "-P", "columns=30", "-P", "format=wrapped"},
	"expanded column": {"-x", "-P", "xheader_width=column"}, "expanded column 2": {"-x", "-P", "xheader_width=column", "-P", "border=2"},
	"expanded page": {"-x", "-P", "xheader_width=page", "-P", "columns=25"}, "expanded number": {"-x", "-P", "xheader_width=20"}, "expanded number 2": {"-x", "-P", "xheader_width=25", "-P", "border=2"},
	"asciidoc": {"-P", "format=asciidoc"}, "asciidoc 0": {"-t", "-P", "format=asciidoc", "-P", "border=0"}, "asciidoc 2": {"-P", "format=asciidoc", "-P", "border=2", "-P", "title=a|b"},
	"asciidoc expanded": {"-x", "-P", "format=asciidoc"}, "asciidoc expanded 2": {"-xt", "-P", "format=asciidoc", "-P", "border=2"},
	"latex": {"-P", "format=latex"}, "latex 0": {"-P", "format=latex", "-P", "border=0", "-P", "title=a_b"}, "latex 2": {"-P", "format=latex", "-P", "border=2"}, "latex 3": {"-t", "-P", "format=latex", "-P", "border=3"},
	"latex expanded": {"-x", "-P", "format=latex"}, "latex expanded 2": {"-x", "-P", "format=latex", "-P", "border=2", "-P", "title=t"}, "latex expanded 0": {"-xt", "-P", "format=latex", "-P", "border=0"},
	"longtable": {"-P", "format=latex-longtable"}, "longtable 0": {"-t", "-P", "format=latex-longtable", "-P", "border=0"}, "longtable 2": {"-P", "format=latex-longtable", "-P", "border=2", "-P", "title=a_b"},
	"longtable 3": {"-P", "format=latex-", "-P", "border=3", "-T", "0.2 0.3"}, "longtable 4": {"-P", "format=latex-longtable", "-P", "border=3", "-P", "title=t"}, "longtable expanded": {"-x", "-P", "format=latex-longtable"},
	"troff": {"-P", "format=troff-ms"}, "troff 0": {"-t", "-P", "format=troff-ms", "-P", "border=0"}, "troff 2": {"-P", "format=troff-ms", "-P", "border=2", "-P", "title=t"},
	"troff expanded": {"-x", "-P", "format=troff-ms"}, "troff expanded 2": {"-x", "-P", "format=troff-ms", "-P", "border=2"}, "troff expanded 0": {"-xt", "-P", "format=troff-ms", "-P", "border=0"},
	"locale": {"-P", "numericlocale=on"}, "locale expanded": {"-x", "-P", "numericlocale"}, "locale csv": {"--csv", "-P", "numericlocale=1"},
	"chunks": {"-v", "FETCH_COUNT=2"}, "chunks 2": {"-v", "FETCH_COUNT=2", "-P", "border=2"}, "chunks expanded": {"-x", "-v", "FETCH_COUNT=2"}, "chunks expanded 2": {"-x", "-v", "FETCH_COUNT=2", "-P", "border=2"},
	"chunks tuples": {"-xt", "-v", "FETCH_COUNT=2"}, "chunks unaligned": {"-A", "-v", "FETCH_COUNT=2"},
}

// TestPrintsMoreLikeOwnPsql compares the formats that fewer people use, and the options of all, on all queries in one script.
func TestPrintsMoreLikeOwnPsql(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs psql many times")
	}
	b := memoryBackend(t)
	var script strings.Builder
	for _, name := range slices.Sorted(maps.Keys(printQueries)) {
		if name != "notify" {
			script.WriteString("\\qecho " + name + "\n" + printQueries[name] + ";\n")
		}
	}
	for how, args := range ownPrintOptions {
		t.Run(how, func(t *testing.T) {
			got, want := runInput(b, "exec", script.String(), args...), runInput(b, "tool", script.String(), append([]string{"psql", "-X"}, args...)...)
			if want.code != exitOK || strings.Count(want.stdout, "\n") < 100 {
				t.Fatalf("psql: %+v", want)
			}
			sameLines(t, "standard output", got.stdout, want.stdout)
			sameLines(t, "standard error", got.stderr, strings.ReplaceAll(want.stderr, "psql:", "pglite:"))
		})
	}
}

// runWith runs a command without input.
func runWith(b backend, command string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"pglite", command}, args...), Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}, b)
	return result{stdout.String(), stderr.String(), code}
}
