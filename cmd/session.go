package cmd

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl"
)

// openFor opens the cluster that a plan runs on, which is none when it is for another server.
func (p *program) openFor(ctx context.Context, cfg clusterConfig, plan *plan) (cluster, error) {
	if plan.target != nil && plan.target.Elsewhere() {
		return noCluster{}, nil
	}
	return p.backend.open(ctx, cfg)
}

// openPlan opens the cluster and a session on it for a plan. end closes both and reports an error of that, unless there is another.
func (p *program) openPlan(c *cli.Context, plan *plan) (s *repl.Session, end func(*error), err error) {
	cfg, err := p.config(c)
	if err != nil {
		return nil, nil, err
	}
	owned, err := p.openFor(c.Context, cfg, plan)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			closing(owned, &err)
		}
	}()
	db, endRecord, err := recorded(owned, p.streams.path(c.String("record")))
	if err != nil {
		return nil, nil, err
	}
	k := &connector{program: p, db: db, cfg: cfg, plan: plan}
	settings := plan.target
	if settings == nil {
		settings = pgclient.Keywords{"dbname": cfg.Database, "password": cfg.Password}
	}
	conn, err := k.open(c.Context, settings, p.streams.getenv, p.passwordAsker(plan))
	if err != nil {
		endRecord(&err)
		return nil, nil, err
	}
	cfg.Password = k.conn.Password
	s = p.session(conn, plan)
	s.Connect = k.connect
	s.Help = func(ctx context.Context, command string) (string, error) { return p.psqlHelp(ctx, db, cfg, command) }
	s.Usage = func() string { return commandUsage(c) }
	end = func(err *error) {
		if e := s.SetOutput(""); e != nil && *err == nil {
			*err = fmt.Errorf("write the results: %w", e)
		}
		k.conn.Close()
		endRecord(err)
		closing(owned, err)
	}
	if plan.redirect != "" {
		if err = s.SetOutput(plan.redirect); err != nil {
			k.conn.Close()
			endRecord(&err)
			return nil, nil, err
		}
	}
	return s, end, nil
}

// connect opens a session on the cluster.
func (p *program) connect(ctx context.Context, db cluster, cfg clusterConfig, ask pgclient.Asker) (*pgclient.Session, error) {
	return p.connectWith(ctx, db, cfg, nil, ask)
}

// connectWith is connect with parameters of the session.
func (p *program) connectWith(
	ctx context.Context, db cluster, cfg clusterConfig, parameters map[string]string, ask pgclient.Asker,
) (*pgclient.Session, error) {
	login := pgclient.Login{User: cfg.User, Database: cfg.Database, Password: cfg.Password, Getenv: p.streams.getenv}
	return pgclient.OpenOwn(ctx, db.Dial, login, parameters, p.handshake(ask))
}

// handshake says what happens while a session is opened.
func (p *program) handshake(ask pgclient.Asker) pgclient.Options {
	return pgclient.Options{Notice: p.showNotice, Ask: ask, Getenv: p.streams.getenv}
}

// session returns a session with the options of the plan.
func (p *program) session(conn repl.Connection, plan *plan) *repl.Session {
	output, messages := plan.output, plan.progress.before(p.streams.Err)
	onScreen := p.streams.OutTerminal && plan.output == p.streams.Out
	if onScreen {
		output = plan.progress.before(output)
	}
	cfg := repl.Config{
		Streams:    p.streams.ofPrograms(),
		Out:        bufio.NewWriterSize(output, 64<<10),
		Message:    func(text string) { fmt.Fprint(messages, text) },
		Input:      plan.stdin,
		Program:    "pglite",
		Options:    plan.options,
		Quiet:      plan.quiet,
		Log:        plan.log,
		Continue:   plan.goOn,
		Variables:  plan.variables,
		Parameters: plan.parameters,
	}
	if onScreen {
		cfg.Terminal = &repl.Terminal{Screen: true, Keyboard: p.streams.InTerminal, Size: p.streams.screenSize}
	}
	return repl.New(conn, cfg)
}

// connectionOf returns a connection as a session has it.
func connectionOf(s *pgclient.Session) repl.Connection {
	return repl.Connection{
		Conn: s.Conn, Frontend: s.Frontend, Cancel: s.Cancel, Status: s.ParameterStatuses, PID: s.PID, PasswordUsed: s.PasswordUsed,
	}
}

// ofPrograms returns what the programs have that the user of a session starts. They read standard input only when they
// get it whole: what is read ahead for them would be lost to the session.
func (s Streams) ofPrograms() repl.Streams {
	streams := repl.Streams{Out: s.Out, Err: s.Err, Env: s.Env, Dir: s.Dir}
	if f, ok := s.In.(*os.File); ok {
		streams.In = f
	}
	return streams
}

// screenSize returns the size of the screen. As in psql the variable COLUMNS says it otherwise.
func (s Streams) screenSize() (columns, lines int) {
	columns, lines, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		columns, lines = 80, 24
	}
	if n, err := strconv.Atoi(s.getenv("COLUMNS")); err == nil && n > 0 {
		columns = n
	}
	return columns, lines
}
