package repl

import (
	"context"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// extendedCommands are those about the extended protocol.
func extendedCommands() []command {
	return []command{
		{
			names: "bind", usage: `\bind [PARAM]...`, about: "send the next statement with parameters",
			args: many, bare: "values", run: bindCommand,
		},
		{
			names: "parse", usage: `\parse NAME`, about: "prepare the statement under a name",
			args: 1, bare: "a new name", sends: true, run: parseCommand,
		},
		{
			names: "bind_named", usage: `\bind_named NAME [PARAM]...`, about: `have the next \g execute a prepared statement`,
			args: many, takes: names("prepared"), run: bindNamedCommand,
		},
		{
			names: "close_prepared", usage: `\close_prepared NAME`, about: "remove a prepared statement",
			args: 1, takes: names("prepared"), run: closePreparedCommand,
		},
	}
}

// bindCommand has the next statement sent with parameters.
func bindCommand(_ context.Context, r *scriptRun, c *call) error {
	r.next = &request{kind: bindUnnamed, parameters: lex.ArgumentTexts(c.given)}
	return nil
}

// bindNamedCommand has the next \g execute a prepared statement.
func bindNamedCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		return r.wrong(`\bind_named: missing required argument`)
	}
	r.next = &request{kind: bindNamed, statement: c.arg(0), parameters: lex.ArgumentTexts(c.given[1:])}
	if r.splitter.Pending() == "" && r.previous == "" {
		r.previous = " " // \g sends no text, but it has to send
	}
	return nil
}

// parseCommand prepares the statement collected so far under a name.
func parseCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		return r.wrong(`\parse: missing required argument`)
	}
	query := r.take()
	if query == "" {
		return nil
	}
	return r.perform(ctx, query, how{request: &request{kind: parseNamed, statement: c.arg(0)}})
}

// closePreparedCommand removes a prepared statement.
func closePreparedCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		return r.wrong(`\close_prepared: missing required argument`)
	}
	return r.perform(ctx, "", how{request: &request{kind: closeNamed, statement: c.arg(0)}})
}
