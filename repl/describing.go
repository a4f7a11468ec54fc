package repl

import (
	"context"
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// describer returns the command of the \d family with this name.
func describer(name string) (commandFunc, bool) {
	describe, known := catalog.Find(name)
	if !known {
		return nil, false
	}
	return func(ctx context.Context, r *scriptRun, c *call) error {
		patterns := make([]string, len(c.args))
		for i, arg := range c.args {
			patterns[i] = strings.TrimRight(arg.Text, ";")
		}
		return describe(ctx, r.catalogs(), patterns...)
	}, true
}

// catalogs returns a reader of the catalogs of the session's database.
func (r *scriptRun) catalogs() *catalog.Reader {
	return &catalog.Reader{
		Asker: asker{r}, Database: r.Database, Server: r.serverMajor(), Quiet: r.Quiet,
		HideMethods:     r.Variables.flag("HIDE_TABLEAM", false),
		HideCompression: r.Variables.flag("HIDE_TOAST_COMPRESSION", false),
	}
}

// serverMajor returns the major version of the server, 0 when it is not known.
func (s *Session) serverMajor() (major int) {
	_, _ = fmt.Sscanf(s.Status["server_version"], "%d", &major)
	return major
}

// asker asks for the \d family.
type asker struct{ *scriptRun }

// Fetch implements Asker.
func (a asker) Fetch(ctx context.Context, sql string) (*format.Grid, error) { return a.fetch(ctx, sql) }

// Table implements Asker.
func (a asker) Table(g *format.Grid, l catalog.Look) error { return a.table(g, l) }

// Wrong implements Asker.
func (a asker) Wrong(text string) error { return a.wrong(text) }

// table shows a table that describes something.
func (r *scriptRun) table(g *format.Grid, l catalog.Look) error {
	o := r.Options
	o.Title, o.Footers = l.Title, l.Footers
	if l.Expanded || l.Fixed {
		o.Expanded, o.Auto = l.Expanded, false
	}
	if l.Fixed {
		o.Null = ""
	}
	out, o, end := r.page(o)
	defer end()
	out = r.logged(out)
	if err := g.Print(out, o); err != nil {
		return err
	}
	return out.Flush()
}
