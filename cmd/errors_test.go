package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/repl"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		code   int
		stderr string
	}{
		"none":        {nil, 0, ""},
		"own":         {errors.New("disk on fire"), 1, "pglite: disk on fire\n"},
		"query":       {fmt.Errorf("run: %w", &repl.QueryError{Response: &pgproto3.ErrorResponse{}}), 3, ""},
		"command":     {&repl.CommandError{Message: "shown already"}, 3, ""},
		"lost":        {&repl.ConnectionError{Err: io.EOF}, 2, "pglite: connection to the server was lost: EOF\n"},
		"interrupted": {fmt.Errorf("read: %w", context.Canceled), 1, "pglite: interrupted\n"},
		"closed pipe": {fmt.Errorf("write: %w", syscall.EPIPE), 1, ""},
		"tool":        {exitStatus(7), 7, ""},
		"tool, more":  {errors.Join(exitStatus(7), fmt.Errorf("shut down: %w", syscall.EIO)), 7, "pglite: shut down: input/output error\n"},
		"usage":       {&usageError{"exec", "no such thing"}, 1, "pglite: no such thing\nUsage: pglite exec [options] [SQL…]\nTry \"pglite exec --help\" for more.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			p := &program{streams: Streams{Err: &stderr}, backend: production()}
			if code := p.exitCode(c.err); code != c.code || stderr.String() != c.stderr {
				t.Errorf("got %d %q, want %d %q", code, stderr.String(), c.code, c.stderr)
			}
		})
	}
}

// TestStartAdvice: what is said about the configuration is said only when the server names it as the reason.
func TestStartAdvice(t *testing.T) {
	t.Parallel()
	const doctor = "\nHINT:  pglite doctor examines the data directory and its configuration."
	for log, want := range map[string]string{
		`FATAL:  configuration file "/data/postgresql.conf" contains errors`:                     configurationHint,
		`FATAL:  invalid value for parameter "shared_buffers": "1kB"`:                            configurationHint,
		`FATAL:  could not access file "nonsense": No such file or directory`:                    configurationHint,
		`FATAL:  could not load /data/pg_hba.conf`:                                               configurationHint,
		`FATAL:  could not load server certificate file "server.crt": No such file or directory`: configurationHint,
		`FATAL:  private key file "server.key" has group or world access`:                        configurationHint,
		`FATAL:  lock file "postmaster.pid" is empty`:                                            "\nHINT:  A crash of the computer can leave postmaster.pid like that. Remove it when no other PostgreSQL runs on the directory.",
		`FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device`:           "\nHINT:  Make room on that disk: the next start then recovers what was committed.",
		"FATAL:  out of memory": "",
		`FATAL:  could not open file "global/pg_filenode.map": No such file or directory`:                  "",
		"LOG:  invalid checkpoint record\nPANIC:  could not locate a valid checkpoint record at 0/1000028": "",
		"": doctor,
	} {
		err := fmt.Errorf("open: %w", &engine.ServerError{Doing: "start", Cause: errors.New("exit status 1"), Log: log})
		if got := advice(err); got != want {
			t.Errorf("%q: got %q, want %q", log, got, want)
		}
		if _, message := explain(err); message != err.Error()+want {
			t.Errorf("%q: the message is %q", log, message)
		}
	}
	stopped := &engine.ServerError{Doing: "stop", Cause: errors.New("exit status 1"), Log: "parameter"}
	if got := advice(stopped); got != "" {
		t.Errorf("of a stop: %q", got)
	}
}

func TestEveryCommandHasExamples(t *testing.T) {
	t.Parallel()
	p := &program{backend: production()}
	commands := p.app().Commands
	if len(commands) == 0 {
		t.Fatal("there are no commands")
	}
	for _, c := range commands {
		if !strings.Contains(c.Description, "Examples:\n   pglite ") {
			t.Errorf("the help of %s has no examples", c.Name)
		}
		if !strings.HasPrefix(c.UsageText, "pglite "+c.Name) {
			t.Errorf("the usage of %s is %q", c.Name, c.UsageText)
		}
	}
}
