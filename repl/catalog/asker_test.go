package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// fakeAsker answers each query with one row of texts, and keeps what it was asked.
type fakeAsker struct {
	queries []string
	titles  []string
	missing []string
	wrongs  []string
	empty   bool
}

func (f *fakeAsker) Fetch(_ context.Context, sql string) (*format.Grid, error) {
	f.queries = append(f.queries, sql)
	g := &format.Grid{}
	var row []*string
	for range 20 {
		text := "16384"
		g.Columns, row = append(g.Columns, format.Column{Name: "c"}), append(row, &text)
	}
	if !f.empty {
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

func (f *fakeAsker) Table(_ *format.Grid, l Look) error {
	f.titles = append(f.titles, l.Title)
	return nil
}

func (f *fakeAsker) Wrong(text string) error {
	f.wrongs = append(f.wrongs, text)
	return errors.New(text)
}

func (f *fakeAsker) Missing(text string) { f.missing = append(f.missing, text) }

// unquotedSign finds an @ outside of quotes, which would have to be the name of a schema.
func unquotedSign(sql string) bool {
	for i, part := range strings.Split(sql, "'") {
		if i%2 == 0 && strings.Contains(part, "@") {
			return true
		}
	}
	return false
}

// TestCommandsAsk runs every command with the letters that may follow it, for servers old and new.
func TestCommandsAsk(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, name := range familyNames() {
		for _, letters := range []string{"", "+", "S", "S+", "x+"} {
			for _, pattern := range []string{"", "a", "s.*"} {
				for _, server := range []int{0, 14, 18} {
					run, known := Find(name + letters)
					if !known {
						t.Fatalf("\\%s is not found", name+letters)
					}
					f := &fakeAsker{}
					err := run(t.Context(), &Reader{Asker: f, Database: "here", Server: server}, pattern)
					if err != nil && len(f.wrongs) == 0 || len(f.queries) == 0 && err == nil {
						t.Errorf("\\%s %s: error %v after %d queries", name+letters, pattern, err, len(f.queries))
					}
					for _, sql := range f.queries {
						asked++
						if unquotedSign(sql) || !strings.HasPrefix(sql, "SELECT ") {
							t.Errorf("\\%s %s asks %s", name+letters, pattern, sql)
						}
					}
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("only %d queries", asked)
	}
}

// TestNothingFound has what is said when nothing matches a pattern.
func TestNothingFound(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"d nothing":   `Did not find any relation named "nothing".`,
		"dt nothing":  `Did not find any tables named "nothing".`,
		"dt":          "Did not find any tables.",
		"drds alice":  `Did not find any settings for role "alice".`,
		"dtv x":       `Did not find any relations named "x".`,
		"d a.b.c.d":   "improper qualified name (too many dotted names): a.b.c.d",
		"dt other.s.": "cross-database references are not implemented: other.s.",
		"dx+ nothing": `Did not find any extension named "nothing".`,
	} {
		name, pattern, _ := strings.Cut(line, " ")
		run, _ := Find(name)
		f := &fakeAsker{empty: true}
		err := run(t.Context(), &Reader{Asker: f, Database: "here", Server: 18}, pattern)
		said := append(f.wrongs, f.missing...)
		if len(said) != 1 || said[0] != want || (err == nil) != (len(f.missing) == 1) {
			t.Errorf("\\%s: said %q, error %v, want %q", line, said, err, want)
		}
		if lists := strings.HasPrefix(name, "dt") || name == "drds"; lists && strings.HasPrefix(want, "Did") && err != nil {
			t.Errorf("\\%s: nothing to list is an error: %v", line, err)
		}
	}
	f := &fakeAsker{empty: true}
	if run, _ := Find("dt"); run(t.Context(), &Reader{Asker: f, Quiet: true}, "") != nil || len(f.titles) != 1 {
		t.Errorf("a quiet reader is told %q", f.wrongs)
	}
}

// ExampleFind lists schemas for whoever can run a query.
func ExampleFind() {
	list, _ := Find("dn")
	f := &fakeAsker{}
	_ = list(context.Background(), &Reader{Asker: f, Database: "postgres", Server: 18})
	fmt.Println(f.titles[0])
	// Output: List of schemas
}

// familyNames returns the names of the commands, without what may follow them.
func familyNames() []string {
	names := slices.Collect(maps.Keys(describers))
	for letter := range strings.SplitSeq("tvmisE", "") {
		names = append(names, "d"+letter)
	}
	return names
}
