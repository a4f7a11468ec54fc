package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// bufferCommands are those about the statement being collected.
func bufferCommands() []command {
	return []command{
		{
			names: "g", usage: `\g [(OPTIONS)] [FILE]`, about: `run the statement; its result goes to the file or |program`,
			args: many, form: lex.Piped, takes: files, sends: true, own: true, noQueue: true, run: goCommand,
		},
		{
			names: "gx", usage: `\gx [(OPTIONS)] [FILE]`, about: `run it and show a line for each column`,
			args: many, form: lex.Piped, takes: files, sends: true, own: true, noQueue: true, run: goCommand,
		},
		{
			names: "gdesc", usage: `\gdesc`, about: "show the columns of its result, without running it",
			own: true, run: gdescCommand,
		},
		{
			names: "gexec", usage: `\gexec`, about: "run it, and then each value of its result as a statement",
			sends: true, own: true, noQueue: true, run: gexecCommand,
		},
		{
			names: "gset", usage: `\gset [PREFIX]`, about: "run it and store its row in variables",
			args: 1, bare: "a new name", sends: true, own: true, noQueue: true, run: gsetCommand,
		},
		{
			names: "crosstabview", usage: `\crosstabview [COLUMNS]`, about: "run it and turn rows into columns",
			args: 4, bare: "columns of a result that is not known yet", sends: true, own: true, run: crosstabCommand,
		},
		{
			names: "watch", usage: `\watch [[i=]SEC] [c=N] [m=MIN]`,
			about: "run it every SEC seconds, N times, or while it returns MIN rows",
			args:  many, bare: "numbers", sends: true, noQueue: true, run: watchCommand,
		},
		{
			names: "e edit", usage: `\e [FILE] [LINE]`, about: "edit it, or a file, in an editor",
			args: 2, takes: files, run: editCommand,
		},
		{names: "p print", usage: `\p`, about: "print it", run: printCommand},
		{names: "r reset", usage: `\r`, about: "clear it", run: resetCommand},
		{
			names: "w write", usage: `\w FILE`, about: "write it to a file or |program",
			args: many, form: lex.Piped, takes: files, run: writeCommand,
		},
		{
			names: "s", usage: `\s [FILE]`, about: "show the history, or write it to a file",
			args: 1, takes: files, run: historyCommand,
		},
	}
}

// definitionCommands are those that show and edit the definitions of functions and views.
func definitionCommands() []command {
	return []command{
		{
			names: "ef", usage: `\ef [FUNCTION [LINE]]`, about: "edit the definition of a function",
			args: many, form: lex.WholeLine, takes: names("routines"), run: editSourceCommand,
		},
		{
			names: "ev", usage: `\ev [VIEW [LINE]]`, about: "edit the definition of a view",
			args: many, form: lex.WholeLine, takes: names("views"), run: editSourceCommand,
		},
		{
			names: "sf sf+", usage: `\sf[+] FUNCTION`, about: "show the definition of a function",
			args: many, form: lex.WholeLine, takes: names("routines"), run: showSourceCommand,
		},
		{
			names: "sv sv+", usage: `\sv[+] VIEW`, about: "show the definition of a view",
			args: many, form: lex.WholeLine, takes: names("views"), run: showSourceCommand,
		},
	}
}

// buffer returns the statement collected so far, or else the one before.
func (r *scriptRun) buffer() string {
	if text := r.splitter.Pending(); lex.SkipBlank(text) != "" {
		return text
	}
	return r.previous
}

// take returns the statement to run and clears the buffer. It returns "" when there is none.
func (r *scriptRun) take() string {
	query := r.buffer()
	r.splitter.Reset()
	r.previous = query
	return query
}

func resetCommand(_ context.Context, r *scriptRun, _ *call) error {
	r.splitter.Reset()
	return r.say("Query buffer reset (cleared).")
}

func printCommand(_ context.Context, r *scriptRun, _ *call) error {
	if text := r.buffer(); text != "" {
		r.stdout().WriteString(text + "\n")
		return r.stdout().Flush()
	}
	return r.say("Query buffer is empty.")
}

func writeCommand(_ context.Context, r *scriptRun, c *call) error {
	name := c.arg(0)
	if line := c.line(); strings.HasPrefix(line, "|") {
		name = line
	}
	if name == "" {
		return r.wrong(`\w: missing required argument`)
	}
	d, err := r.open(name)
	if err != nil {
		return r.wrong(err.Error())
	}
	d.WriteString(r.buffer() + "\n")
	if err := d.close(); err != nil {
		return r.wrong(name + ": " + err.Error())
	}
	return nil
}

// goCommand is \g [(OPTION=VALUE …)] [FILE | |COMMAND].
func goCommand(ctx context.Context, r *scriptRun, c *call) error {
	options := r.Options
	rest, err := r.goOptions(&options, c)
	if err != nil {
		r.splitter.SkipLine() // nothing was sent, so it is an error like that of any other command
		return r.wrong(err.Error())
	}
	if c.name == "gx" {
		options.Expanded, options.Auto = true, false
	}
	query := r.take()
	if query == "" {
		return nil
	}
	if rest == "" {
		return r.perform(ctx, query, how{options: &options})
	}
	d, err := r.open(rest)
	if err != nil {
		return r.wrong(err.Error())
	}
	r.stdout().Flush()
	err = r.perform(ctx, query, how{options: &options, out: d.Writer, tags: r.Out})
	if e := d.close(); err == nil && e != nil {
		return r.wrong(rest + ": " + e.Error())
	}
	return err
}

// goOptions applies the options of \g and returns what follows them.
func (r *scriptRun) goOptions(o *format.Options, c *call) (rest string, err error) {
	rest = c.line()
	if strings.HasPrefix(rest, "(") {
		inner, after, ok := strings.Cut(rest[1:], ")")
		if !ok {
			return "", fmt.Errorf(`\%s: missing right parenthesis`, c.name)
		}
		args, err := r.arguments(inner)
		if err != nil {
			return "", err
		}
		for _, arg := range args {
			name, value, _ := strings.Cut(arg.Text, "=")
			if err := o.Set(name, value); err != nil {
				return "", errors.New(psetError(err))
			}
		}
		rest = strings.TrimSpace(after)
	}
	if rest == "" || strings.HasPrefix(rest, "|") {
		return rest, nil
	}
	args, err := r.arguments(rest)
	if err != nil || len(args) == 0 {
		return "", err
	}
	return args[0].Text, nil
}

// collect runs the statement and returns its last result.
func (r *scriptRun) collect(ctx context.Context) (*format.Grid, error) {
	query := r.take()
	if query == "" {
		return nil, nil
	}
	c := &collector{}
	err := r.perform(ctx, query, how{newPrinter: c.printer})
	if err != nil || len(c.grids) == 0 {
		return nil, err
	}
	return c.grids[len(c.grids)-1], nil
}

// gsetCommand stores the columns of a single row in variables.
func gsetCommand(ctx context.Context, r *scriptRun, c *call) error {
	g, err := r.collect(ctx)
	if g == nil || err != nil {
		return err
	}
	switch {
	case len(g.Rows) == 0:
		return r.wrong(`no rows returned for \gset`)
	case len(g.Rows) > 1:
		return r.wrong(`more than one row returned for \gset`)
	}
	for i, column := range g.Columns {
		name := c.arg(0) + column.Name
		if _, known := specials[name]; known || name == "HISTFILE" || strings.HasPrefix(name, "PROMPT") && len(name) == len("PROMPT1") {
			r.warn(fmt.Sprintf("attempt to \\gset into specially treated variable \"%s\" ignored", name))
			continue
		}
		if g.Rows[0][i] == nil {
			delete(r.Variables, name)
		} else if err := r.setVariable(name, *g.Rows[0][i]); err != nil {
			return err
		}
	}
	return nil
}

// gexecCommand runs each value of the result as a statement.
func gexecCommand(ctx context.Context, r *scriptRun, _ *call) error {
	g, err := r.collect(ctx)
	if g == nil || err != nil {
		return err
	}
	var first error
	for _, row := range g.Rows {
		for _, cell := range row {
			if cell == nil {
				continue
			}
			if r.Variables["ECHO"] == "all" {
				r.Out.WriteString(*cell + "\n")
			}
			err := r.Query(ctx, *cell)
			if err == nil {
				continue
			}
			if first == nil {
				first = err
			}
			if !r.Continue || ctx.Err() != nil || isLost(err) {
				return first
			}
		}
	}
	return first
}

// gdescCommand shows the names and types of the columns that the statement would return.
func gdescCommand(ctx context.Context, r *scriptRun, _ *call) error {
	columns, modifiers, err := r.describeQuery(ctx, r.take())
	if err != nil {
		return err
	}
	if len(columns) == 0 {
		r.Out.WriteString("The command has no result, or the result has no columns.\n")
		return r.Out.Flush()
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = fmt.Sprintf("(%d, %s, %d::pg_catalog.oid, %d)", i, lex.QuoteLiteral(column.Name), column.OID, modifiers[i])
	}
	return r.perform(ctx, `SELECT name AS "Column", pg_catalog.format_type(type, modifier) AS "Type" FROM (VALUES `+
		strings.Join(values, ", ")+") AS described(position, name, type, modifier) ORDER BY position", how{internal: true})
}

// describeQuery returns the columns of a statement that it does not run.
func (s *Session) describeQuery(ctx context.Context, query string) (columns []format.Column, modifiers []int32, err error) {
	seen := &exchange{}
	h := how{request: &request{kind: describeResult, described: seen}, silent: true, newPrinter: discardResult}
	err = s.exchange(ctx, query, h)
	return seen.columns, seen.modifiers, err
}
