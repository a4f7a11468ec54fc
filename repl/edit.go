package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// editCommand is \e [FILE] [LINE]: it edits the statement, or a file, and goes on with what was edited as if it had been
// typed. A file, and the statement before, that were left as they are do nothing: the user has thought better of it.
func editCommand(_ context.Context, r *scriptRun, c *call) error {
	name, line := c.arg(0), c.arg(1)
	if strings.Trim(name, "0123456789") == "" && name != "" {
		name, line = "", name
	}
	if n, err := strconv.Atoi(line); line != "" && (err != nil || n < 1) {
		r.splitter.Reset()
		return r.wrong("invalid line number: " + line)
	}
	if name != "" {
		return r.editFile(r.Streams.Path(name), line, func() error { return nil })
	}
	unchanged := func() error { return nil }
	text := r.splitter.Pending()
	if lex.SkipBlank(text) != "" {
		unchanged = func() error { return r.replaceBuffer(text) }
	} else {
		text = r.previous
	}
	return r.editText(text, line, unchanged)
}

// editText edits a text in a temporary file. When the text was left as it is, unchanged says what happens.
func (r *scriptRun) editText(text, line string, unchanged func() error) error {
	dir, err := os.MkdirTemp("", "pglite-edit")
	if err != nil {
		return r.wrong(err.Error())
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "statement.sql")
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		return r.wrong(err.Error())
	}
	past := time.Now().Add(-2 * time.Second) // so that saving shows in the time, however coarse that is
	_ = os.Chtimes(name, past, past)
	return r.editFile(name, line, unchanged)
}

// editFile edits a file and goes on with what is in it when it was saved.
func (r *scriptRun) editFile(name, line string, unchanged func() error) error {
	r.splitter.Reset()
	before := statOf(name)
	if err := r.Streams.edit(name, line); err != nil {
		return r.wrong(err.Error())
	}
	if statOf(name) == before {
		return unchanged()
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return r.wrong(fileError(name, err).Error())
	}
	return r.replaceBuffer(string(text))
}

// fileStamp changes when a file is saved.
type fileStamp struct {
	size int64
	time time.Time
}

// statOf returns the stamp of a file, the zero value when there is none.
func statOf(name string) fileStamp {
	info, err := os.Stat(name)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime()}
}

// replaceBuffer replaces the statement being collected by a text.
func (r *scriptRun) replaceBuffer(text string) error {
	r.splitter.Reset()
	r.stdout().WriteString(text)
	r.splitter.Insert(strings.TrimRight(text, "\n") + "\n")
	return r.stdout().Flush()
}

// edit runs the user's editor on a file.
func (s *Streams) edit(name, line string) error {
	editor := cmp.Or(s.Getenv("PSQL_EDITOR"), s.Getenv("EDITOR"), s.Getenv("VISUAL"), defaultEditor)
	if line != "" {
		editor += " " + cmp.Or(s.Getenv("PSQL_EDITOR_LINENUMBER_ARG"), "+") + line
	}
	if err := s.shell(editor + " " + shellQuote(name)).Run(); err != nil {
		return fmt.Errorf("could not run editor %q: %w", editor, err)
	}
	return nil
}

// sourceQuery returns the query for the definition of a function or a view, and what the command calls it.
func sourceQuery(name, object string) string {
	if strings.HasPrefix(name, "ev") || strings.HasPrefix(name, "sv") {
		return fmt.Sprintf(`SELECT pg_catalog.format('CREATE OR REPLACE VIEW %%I.%%I%%s AS%%s%%s%%s', n.nspname, c.relname,
  CASE WHEN o.plain <> '' THEN pg_catalog.format(E'\n WITH (%%s)', o.plain) ELSE '' END, E'\n',
  pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid, true), ';'),
  CASE WHEN o.checks IS NOT NULL THEN pg_catalog.format(E'\n WITH %%s CHECK OPTION', pg_catalog.upper(o.checks)) ELSE '' END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
  LATERAL (SELECT coalesce(pg_catalog.string_agg(pg_catalog.split_part(x, '=', 1) || '=' || CASE WHEN pg_catalog.quote_ident(o.value) = o.value THEN o.value ELSE pg_catalog.quote_literal(o.value) END, ', ') FILTER (WHERE x NOT LIKE 'check_option=%%'), '') AS plain,
    pg_catalog.max(pg_catalog.substr(x, 14)) FILTER (WHERE x LIKE 'check_option=%%') AS checks FROM pg_catalog.unnest(c.reloptions) x, LATERAL (SELECT pg_catalog.substr(x, pg_catalog.strpos(x, '=') + 1) AS value) o) o
WHERE c.relkind = 'v' AND c.oid = %s::pg_catalog.regclass`, lex.QuoteLiteral(object))
	}
	kind := "regproc"
	if strings.Contains(object, "(") {
		kind = "regprocedure"
	}
	return fmt.Sprintf("SELECT pg_catalog.pg_get_functiondef(%s::pg_catalog.%s::pg_catalog.oid)", lex.QuoteLiteral(object), kind)
}

// source returns the definition of a function or a view. As in psql an error of the server is told without the place in
// our query.
func (r *scriptRun) source(ctx context.Context, name, object string) (string, error) {
	if object == "" {
		what := "function"
		if name[1] == 'v' {
			what = "view"
		}
		return "", r.wrong(what + " name is required")
	}
	ask := func(sql string) (g *format.Grid, err error) {
		r.unheard(func() { g, err = r.fetch(ctx, sql) })
		if failed := (*QueryError)(nil); errors.As(err, &failed) {
			err = r.wrong(failed.Response.Severity + ":  " + failed.Response.Message)
		}
		return g, err
	}
	g, err := ask(sourceQuery(name, object))
	if err != nil {
		return "", err
	}
	if len(g.Rows) > 0 {
		return g.Text(0, 0), nil
	}
	g, err = ask("SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = " + lex.QuoteLiteral(object) + "::pg_catalog.regclass")
	if err != nil || len(g.Rows) == 0 {
		return "", err
	}
	return "", r.wrong(fmt.Sprintf(`"%s" is not a view`, g.Text(0, 0)))
}

// showSourceCommand shows the definition of a function or a view, with line numbers for \sf+ and \sv+.
func showSourceCommand(ctx context.Context, r *scriptRun, c *call) error {
	text, err := r.source(ctx, c.name, c.object())
	if err != nil {
		return err
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if strings.HasSuffix(c.name, "+") {
		text = numbered(text, strings.HasPrefix(c.name, "sf"))
	}
	return r.pageText(text)
}

// numbered puts line numbers before lines; those of a function count from the start of its body, as in errors.
func numbered(text string, function bool) string {
	var b strings.Builder
	number := 0
	for line := range strings.Lines(text) {
		if number > 0 || !function || startsBody(line) {
			number++
		}
		label := ""
		if number > 0 {
			label = fmt.Sprint(number)
		}
		fmt.Fprintf(&b, "%-7s %s", label, line)
	}
	return b.String()
}

// object returns what the command is about, the rest of its line.
func (c *call) object() string { return strings.TrimRight(strings.TrimRight(c.line(), "; "), " ") }

// cutLineNumber cuts the number of a line off what is edited: add(int) 3, or add 3.
func cutLineNumber(object string) (name string, line int, err error) {
	name = strings.TrimRight(object, "0123456789")
	digits := object[len(name):]
	if digits == "" || name == "" || !lex.IsSpace(name[len(name)-1]) && name[len(name)-1] != ')' {
		return object, 0, nil
	}
	if line, err = strconv.Atoi(digits); err != nil || line < 1 {
		return "", 0, errors.New("invalid line number: " + digits)
	}
	return strings.TrimRight(name, " \t"), line, nil
}

// bodyStart returns how many lines of a function's definition stand before its body, from where its lines are counted.
func bodyStart(text string) (lines int) {
	for line := range strings.Lines(text) {
		if startsBody(line) {
			break
		}
		lines++
	}
	return lines
}

func startsBody(line string) bool {
	return strings.HasPrefix(line, "AS ") || strings.HasPrefix(line, "BEGIN ") || strings.HasPrefix(line, "RETURN ")
}

// editSourceCommand edits the definition of a function or a view. One that was left as it is is not run.
func editSourceCommand(ctx context.Context, r *scriptRun, c *call) error {
	text := "CREATE FUNCTION ( )\n RETURNS \n LANGUAGE \n -- common options:  IMMUTABLE  STABLE  STRICT  SECURITY DEFINER\nAS $function$\n\n$function$\n"
	if c.name == "ev" {
		text = "CREATE VIEW  AS\n SELECT \n  -- something...\n"
	}
	r.splitter.Reset()
	object, line, err := cutLineNumber(c.object())
	if err != nil {
		return r.wrong(err.Error())
	}
	if object != "" {
		if text, err = r.source(ctx, c.name, object); err != nil {
			return err
		}
	}
	place := ""
	if line > 0 {
		if c.name == "ef" {
			line += bodyStart(text)
		}
		place = strconv.Itoa(line)
	}
	return r.editText(text, place, func() error {
		r.stdout().WriteString("No changes\n")
		return r.stdout().Flush()
	})
}
