package repl

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// editCommand is \e [FILE] [LINE]: it edits the statement, or a file, and goes on with what was edited as if it had
// been typed.
func editCommand(_ context.Context, r *scriptRun, c *call) error {
	name, line := c.arg(0), c.arg(1)
	if strings.Trim(name, "0123456789") == "" && name != "" {
		name, line = "", name
	}
	if name != "" {
		if err := runEditor(ExpandHome(name), line); err != nil {
			return r.wrong(err.Error())
		}
		text, err := os.ReadFile(ExpandHome(name))
		if err != nil {
			return r.wrong(fileError(name, err).Error())
		}
		return r.replaceBuffer(string(text))
	}
	return r.editText(r.buffer(), line)
}

// editText edits a text in a temporary file.
func (r *scriptRun) editText(text, line string) error {
	dir, err := os.MkdirTemp("", "pglite-edit")
	if err != nil {
		return r.wrong(err.Error())
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "statement.sql")
	if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
		return r.wrong(err.Error())
	}
	if err := runEditor(name, line); err != nil {
		return r.wrong(err.Error())
	}
	edited, err := os.ReadFile(name)
	if err != nil {
		return r.wrong(err.Error())
	}
	return r.replaceBuffer(string(edited))
}

// replaceBuffer puts a text in place of the statement being collected.
func (r *scriptRun) replaceBuffer(text string) error {
	r.splitter.Reset()
	r.stdout().WriteString(text)
	r.splitter.insert(strings.TrimRight(text, "\n") + "\n")
	return r.stdout().Flush()
}

// runEditor runs the user's editor on a file.
func runEditor(name, line string) error {
	editor := cmp.Or(os.Getenv("PSQL_EDITOR"), os.Getenv("EDITOR"), os.Getenv("VISUAL"), defaultEditor)
	if line != "" {
		editor += " " + cmp.Or(os.Getenv("PSQL_EDITOR_LINENUMBER_ARG"), "+") + line
	}
	c := shellCommand(editor + " " + shellQuote(name))
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
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
WHERE c.relkind = 'v' AND c.oid = %s::pg_catalog.regclass`, quoteLiteral(object))
	}
	kind := "regproc"
	if strings.Contains(object, "(") {
		kind = "regprocedure"
	}
	return fmt.Sprintf("SELECT pg_catalog.pg_get_functiondef(%s::pg_catalog.%s::pg_catalog.oid)", quoteLiteral(object), kind)
}

// source returns the definition of a function or a view.
func (r *scriptRun) source(ctx context.Context, c *call) (string, error) {
	object := strings.TrimSuffix(c.line(), ";")
	if object == "" {
		what := "function"
		if c.name[1] == 'v' {
			what = "view"
		}
		return "", r.wrong(what + " name is required")
	}
	g, err := r.fetch(ctx, sourceQuery(c.name, object))
	if err != nil {
		return "", err
	}
	if len(g.rows) == 0 {
		return "", r.wrong(fmt.Sprintf(`"%s" is not a view`, object))
	}
	return g.text(0, 0), nil
}

// showSourceCommand shows the definition of a function or a view, with line numbers for \sf+ and \sv+.
func showSourceCommand(ctx context.Context, r *scriptRun, c *call) error {
	text, err := r.source(ctx, c)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if strings.HasSuffix(c.name, "+") {
		text = numbered(text, strings.HasPrefix(c.name, "sf"))
	}
	x := &exchange{Session: r.Session, Out: r.Out}
	defer r.page(x)()
	x.Out.WriteString(text)
	return x.Out.Flush()
}

// numbered puts line numbers before lines; those of a function count from the start of its body, as in errors.
func numbered(text string, function bool) string {
	var b strings.Builder
	number := 0
	for line := range strings.Lines(text) {
		if number > 0 || !function || strings.HasPrefix(line, "AS ") || strings.HasPrefix(line, "BEGIN ") || strings.HasPrefix(line, "RETURN ") {
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

// editSourceCommand edits the definition of a function or a view.
func editSourceCommand(ctx context.Context, r *scriptRun, c *call) error {
	text := "CREATE FUNCTION ( )\n RETURNS \n LANGUAGE \n -- common options:  IMMUTABLE  STABLE  STRICT  SECURITY DEFINER\nAS $function$\n\n$function$\n"
	if c.name == "ev" {
		text = "CREATE VIEW  AS\n SELECT \n  -- something...\n"
	}
	if c.line() != "" {
		var err error
		if text, err = r.source(ctx, c); err != nil {
			return err
		}
	}
	return r.editText(text, "")
}
