package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/repl"
	"github.com/pglite-toolbox/pglite/repl/format"
)

func (p *program) execCommand() *cli.Command {
	return &cli.Command{
		Name:      "exec",
		Usage:     "run SQL and print the results",
		UsageText: "pglite exec [options] [SQL…]",
		Description: `Runs SQL from arguments, -c and -f in the order given, or else from standard input. Each argument and each -c is
one query string, and as such one transaction; scripts are run statement by statement. The first error ends
the run with exit code 3; what was committed before stays. Other exit codes: 1 for an error of pglite's own, 2 when
there is no connection or it is lost, 130 when Ctrl-C ends the run. A connection URI as the first argument, or with -d,
names another server.

Examples:
   pglite exec "SELECT version()"
   pglite exec -f schema.sql -f data.sql -c "ANALYZE"
   pglite exec --csv "SELECT * FROM people" > people.csv
   pglite exec --json -p 42 'SELECT * FROM people WHERE id = $1'
   pglite exec postgresql://bob@db.example.org/shop "TABLE people"
   gunzip < dump.sql.gz | pglite exec -q -1
   pglite exec -c "COPY people FROM STDIN (FORMAT csv)" < people.csv`,
		Flags:  execFlags(),
		Action: p.exec,
	}
}

// exec runs what the command line says, in its order.
func (p *program) exec(c *cli.Context) (err error) {
	plan, err := p.plan(c)
	if err != nil {
		return err
	}
	defer plan.close(&err)
	if _, given := plan.variables["ON_ERROR_STOP"]; !given {
		plan.variables["ON_ERROR_STOP"] = map[bool]string{true: "off", false: "on"}[plan.goOn]
	}
	s, end, err := p.openPlan(c, plan)
	if err != nil {
		return err
	}
	defer end(&err)
	return plan.run(c.Context, s)
}

// showNotice shows what the server says during the handshake.
func (p *program) showNotice(n *pgconn.Notice) {
	fmt.Fprint(p.streams.Err, format.FormatNotice(&pgproto3.NoticeResponse{
		Severity: n.Severity, Code: n.Code, Message: n.Message, Detail: n.Detail, Hint: n.Hint,
	}, "", format.Default))
}

// run runs the steps, all of them when errors do not stop the session. It returns the first error.
func (e *plan) run(ctx context.Context, s *repl.Session) (err error) {
	if e.single {
		if err := quietly(ctx, s, "BEGIN"); err != nil {
			return err
		}
	}
	failure := e.runSteps(ctx, s)
	var lost *repl.ConnectionError
	if !e.single || errors.As(failure, &lost) {
		return failure
	}
	end := "COMMIT"
	if failure != nil && !s.Continue || ctx.Err() != nil {
		end = "ROLLBACK"
	}
	if err := quietly(context.WithoutCancel(ctx), s, end); err != nil && failure == nil {
		return err
	}
	return failure
}

func (e *plan) runSteps(ctx context.Context, s *repl.Session) (first error) {
	for _, step := range e.steps {
		err := step.run(ctx, s)
		switch {
		case errors.Is(err, repl.ErrStop):
			err = nil
		case err != nil && e.notConnected && !s.Continue: // \c is no less an error than another; otherwise it ends a script as a lost connection
			err = exitStatus(exitScript)
		}
		e.last = err
		var failed *repl.QueryError
		var wrong *repl.CommandError
		goOn := s.Continue && (errors.As(err, &failed) || errors.As(err, &wrong)) && ctx.Err() == nil
		if first == nil {
			first = err
		}
		if err != nil && !goOn {
			e.commandFailed = step.command
			return first
		}
		e.commandFailed = err != nil && step.command
	}
	return first
}

// quietly runs a statement of our own.
func quietly(ctx context.Context, s *repl.Session, sql string) error {
	quiet, parameters := s.Quiet, s.Parameters
	defer func() { s.Quiet, s.Parameters = quiet, parameters }()
	s.Quiet, s.Parameters = true, nil
	return s.Query(ctx, sql)
}

// openScript opens a script; "-" is standard input.
func (p *program) openScript(name string) (io.ReadCloser, string, error) {
	if name == "-" {
		return io.NopCloser(p.streams.In), "<stdin>", nil
	}
	f, err := os.Open(p.streams.path(name))
	if err != nil {
		return nil, "", fmt.Errorf("read the script: %w", err)
	}
	return f, name, nil
}
