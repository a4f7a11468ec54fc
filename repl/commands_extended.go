package repl

import (
	"context"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// extendedCommands are those about the extended protocol.
func extendedCommands() map[string]commandFunc {
	return map[string]commandFunc{
		"bind":           bindCommand,
		"bind_named":     bindNamedCommand,
		"parse":          parseCommand,
		"close_prepared": closePreparedCommand,
	}
}

// bindCommand has the next statement sent with parameters.
func bindCommand(_ context.Context, r *scriptRun, c *call) error {
	r.next = &request{kind: bindUnnamed, parameters: lex.ArgumentTexts(c.args)}
	return nil
}

// bindNamedCommand has the next \g execute a prepared statement.
func bindNamedCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.args) == 0 {
		return r.wrong(`\bind_named: missing required argument`)
	}
	r.next = &request{kind: bindNamed, statement: c.arg(0), parameters: lex.ArgumentTexts(c.args[1:])}
	if r.splitter.Pending() == "" && r.previous == "" {
		r.previous = " " // \g sends no text, but it has to send
	}
	return nil
}

// parseCommand prepares the statement collected so far under a name.
func parseCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.args) == 0 {
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
	if len(c.args) == 0 {
		return r.wrong(`\close_prepared: missing required argument`)
	}
	return r.perform(ctx, "", how{request: &request{kind: closeNamed, statement: c.arg(0)}})
}
