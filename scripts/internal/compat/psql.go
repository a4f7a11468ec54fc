package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// psql is a psql program: another's, or our own module, which runs beside the server.
type psql struct {
	t       target
	command func(ctx context.Context, over string, args ...string) *exec.Cmd
	major   int
}

// foreignPsql is the psql in PATH.
func foreignPsql(t target) psql {
	return psql{t, func(ctx context.Context, over string, args ...string) *exec.Cmd {
		return exec.CommandContext(ctx, "psql", append([]string{t.dsn(over), "-XAtq", "-v", "ON_ERROR_STOP=1"}, args...)...)
	}, 0}
}

// ownPsql is pglite's.
func ownPsql(t target) psql {
	return psql{t, func(ctx context.Context, _ string, args ...string) *exec.Cmd {
		own := []string{"-D", t.DataDir, "tool", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"}
		if t.Runtime != "" {
			own = append([]string{"--runtime", t.Runtime}, own...)
		}
		return exec.CommandContext(ctx, t.Pglite, append(own, args...)...)
	}, 0}
}

// run runs a script and returns its output.
func (p psql) run(over, script string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := p.command(ctx, over, args...)
	cmd.Stdin = strings.NewReader(script)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// prints runs a script that has to print the text.
func (p psql) prints(over, script, text string) func() error {
	return func() error {
		got, err := p.run(over, script)
		if err != nil {
			return err
		}
		return want(strings.TrimSpace(got), text)
	}
}

// pipelineMajor is the version that got \parse, \bind_named and \startpipeline; \bind came with bindMajor.
const (
	bindMajor     = 16
	pipelineMajor = 18
)

// tryForeignPsql tries the psql in PATH.
func tryForeignPsql(t target) report { return foreignPsql(t).try(ways...) }

// tryOwnPsql tries ours.
func tryOwnPsql(t target) report {
	r := ownPsql(t).try("unix")
	r.none("it attaches to the server by itself", ways[1:]...)
	return r
}

// try tries psql over the ways that it has; its other checks use the first.
func (p psql) try(ways ...string) report {
	r := report{}
	for _, over := range ways {
		r.attempt(over, p.prints(over, "select 1;", "1"))
	}
	over := ways[0]
	version, err := p.run(over, "\\echo :VERSION_NUM\n")
	if _, e := fmt.Sscanf(version, "%d", &p.major); err != nil || e != nil {
		return r
	}
	p.major /= 10000
	r.attempt("simple", p.prints(over, "select 42;", "42"))
	if p.major >= bindMajor {
		r.attempt("extended", p.prints(over, "select $1::int + $2::int \\bind 40 2 \\g\n", "42"))
	} else {
		r.none("\\bind came with psql 16", "extended")
	}
	if p.major >= pipelineMajor {
		r.attempt("prepared", p.prints(over, "select $1::int * 2 \\parse double\n\\bind_named double 21 \\g\n", "42"))
		r.attempt("pipeline", p.prints(over, "\\startpipeline\nselect 1 \\bind \\sendpipeline\nselect 2 \\bind \\sendpipeline\n\\endpipeline\n", "1\n2"))
		r.attempt("pipeline-error", p.prints(over, "\\set ON_ERROR_STOP 0\n\\startpipeline\nselect 1/0 \\bind \\sendpipeline\n\\syncpipeline\nselect 2 \\bind \\sendpipeline\n\\endpipeline\nselect 3;\n", "2\n3"))
	} else {
		r.attempt("prepared", p.prints(over, "prepare double(int) as select $1 * 2; execute double(21);", "42"))
		r.none("pipelines came with psql 18", "pipeline", "pipeline-error")
	}
	r.none("psql uses the text format", "binary")
	r.attempt("copy-in", p.prints(over, "create temp table t(a int);\ncopy t from stdin;\n"+strings.Repeat("7\n", 100_000)+"\\.\nselect count(*) from t;\n", "100000"))
	r.attempt("copy-out", func() error {
		out, err := p.run(over, "copy (select g from generate_series(1, 100000) g) to stdout;")
		if err != nil {
			return err
		}
		return want(strings.Count(out, "\n"), 100_000)
	})
	r.attempt("cancel", p.cancel)
	r.attempt("notify", func() error {
		out, err := p.run(over, "listen news;\nnotify news, 'hello';\n")
		if err == nil && !strings.Contains(out, `"news" with payload "hello"`) {
			err = fmt.Errorf("got %q", out)
		}
		return err
	})
	r.attempt("large", func() error {
		out, err := p.run(over, "select repeat('0123456789', 2000000); select repeat('x', 100) from generate_series(1, 100000);")
		if err != nil {
			return err
		}
		return want(len(out), 20_000_001+101*100_000)
	})
	return r
}

// cancel interrupts psql.
func (p psql) cancel() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := p.command(ctx, "unix", "-c", endless)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := p.t.untilBusy(ctx); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(errs.String(), "canceling statement due to user request") {
		return fmt.Errorf("%w: %q", err, errs.String())
	}
	return nil
}
