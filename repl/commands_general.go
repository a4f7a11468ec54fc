package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// generalCommands are those about the session and help.
func generalCommands() []command {
	return []command{
		{names: "q quit exit", usage: `\q`, about: "leave, or end the script", run: quitCommand},
		{
			names: "?", usage: `\? [options|variables]`,
			about: "help on these commands, on options of the command line, on special variables",
			args:  1, takes: words("commands", "options", "variables"), run: helpCommand,
		},
		{
			names: "h help", usage: `\h [NAME]`, about: "help on SQL commands",
			args: many, form: lex.WholeLine, takes: sqlCommandArguments, run: sqlHelpCommand,
		},
		{names: "errverbose", usage: `\errverbose`, about: "show the last error in full", run: errverboseCommand},
		{names: "copyright", usage: `\copyright`, about: "show PostgreSQL's licence", run: copyrightCommand},
	}
}

func quitCommand(context.Context, *scriptRun, *call) error { return ErrStop }

// copyrightCommand shows PostgreSQL's licence, which the psql of the runtime has.
func copyrightCommand(ctx context.Context, r *scriptRun, _ *call) error {
	text := "PostgreSQL Database Management System, see https://www.postgresql.org/about/licence/\n"
	if r.Help != nil {
		if licence, err := r.Help(ctx, `\copyright`); err == nil && licence != "" {
			text = licence
		}
	}
	r.stdout().WriteString(text)
	return r.stdout().Flush()
}

// encodingCommand shows or sets the client's encoding.
func encodingCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		r.stdout().WriteString(r.Status["client_encoding"] + "\n")
		return r.stdout().Flush()
	}
	var err error
	r.unheard(func() { err = r.own(ctx, "SET client_encoding TO "+lex.QuoteLiteral(c.arg(0))) }) // psql says it in its own words
	if failed := (*QueryError)(nil); errors.As(err, &failed) {
		return r.wrong(c.arg(0) + ": invalid encoding name or conversion procedure not found")
	}
	return err
}

// errverboseCommand shows the last error with all its fields.
func errverboseCommand(_ context.Context, r *scriptRun, _ *call) error {
	if r.lastError == nil {
		r.stdout().WriteString("There is no previous error.\n")
		return r.stdout().Flush()
	}
	r.stdout().Flush()
	_ = r.wrong(strings.TrimRight(format.FormatError(r.lastError, r.lastQuery, format.Verbose), "\n")) // told, and none of this command
	return nil
}

// historyCommand prints the statements typed, or writes them to a file.
func historyCommand(ctx context.Context, r *scriptRun, c *call) error {
	if r.Terminal == nil || r.Terminal.History == nil {
		return r.wrong(`\s: no history is kept here`)
	}
	text := strings.Join(r.Terminal.History(), "\n") + "\n"
	if name := c.arg(0); name != "" {
		if err := os.WriteFile(r.Streams.Path(name), []byte(text), 0o600); err != nil {
			return r.wrong(fileError(name, err).Error())
		}
		return r.say(`Wrote history to file "%s".`, name)
	}
	return r.pageText(text)
}

// passwordCommand changes a password without its text being sent or logged.
func passwordCommand(ctx context.Context, r *scriptRun, c *call) error {
	user := lex.Unquote(c.arg(0))
	if user == "" {
		g, err := r.fetch(ctx, "SELECT CURRENT_USER")
		if err != nil {
			return err
		}
		user = g.Text(0, 0)
	}
	if r.Terminal == nil || r.Terminal.ReadLine == nil {
		return r.wrong(`\password: needs a terminal to read the password from`)
	}
	first, err := r.Terminal.ReadLine(fmt.Sprintf("Enter new password for user \"%s\": ", user), true)
	if err != nil {
		return r.wrong(`\password: nothing was changed`)
	}
	again, err := r.Terminal.ReadLine("Enter it again: ", true)
	if err != nil || first != again {
		return r.wrong("Passwords didn't match.")
	}
	secret, err := scramSecret(first)
	if err != nil {
		return r.wrong(`\password: ` + err.Error())
	}
	return r.own(ctx, fmt.Sprintf("ALTER USER %s PASSWORD %s", lex.QuoteIdentifier(user), lex.QuoteLiteral(secret)))
}
