package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/internal/wire"
	"github.com/pglite-toolbox/pglite/repl"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// The exit codes, which are psql's.
const (
	exitOK         = 0
	exitFailure    = 1
	exitConnection = 2
	exitScript     = 3
)

// usageError is a command line that makes no sense. The command is empty when the error is not in its part.
type usageError struct{ command, message string }

func (e *usageError) Error() string { return e.message }

// exitStatus is the exit code of another program that ours passes on.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// exitCode prints what has to be said about an error and returns the exit code for it.
func (p *program) exitCode(err error) int {
	code, message := explain(err)
	if message != "" {
		fmt.Fprintf(p.streams.Err, "pglite: %s\n", strings.TrimRight(message, "\n"))
	}
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		p.printUsage(usage.command)
	}
	return code
}

// explain returns the exit code and the message for an error. There is no message for what has been shown already, and
// none when the reader of the output has gone away, as in pglite … | head.
func explain(err error) (code int, message string) {
	var (
		status  exitStatus
		query   *repl.QueryError
		command *repl.CommandError
		lost    *repl.ConnectionError
		refused *pgconn.ConnectError
		watched *wire.WatchError
	)
	switch {
	case err == nil:
		return exitOK, ""
	case errors.As(err, &status):
		return int(status), besides(err)
	case errors.As(err, &query), errors.As(err, &command):
		return exitScript, ""
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return exitFailure, ""
	case errors.Is(err, context.Canceled):
		return exitFailure, "interrupted"
	case errors.As(err, &watched): // what goes over the wire cannot be shown or recorded
		return exitFailure, watched.Err.Error() + advice(watched.Err)
	case errors.As(err, &lost):
		if lost.Shown {
			return exitConnection, ""
		}
		return exitConnection, lost.Error()
	case errors.Is(err, pgclient.ErrNoPassword):
		return exitConnection, err.Error() + ": set PGPASSWORD, or let pglite ask on a terminal"
	case errors.As(err, &refused):
		return exitConnection, explainRefusal(refused)
	}
	return exitFailure, err.Error() + advice(err)
}

// advice returns what to do about an error of the operating system, or of a server that does not start, which do not say it themselves.
func advice(err error) string {
	server := (*engine.ServerError)(nil)
	if text := optionAdvice(err); text != "" {
		return text
	}
	switch {
	case errors.As(err, &server) && server.Doing == "start":
		return startAdvice(server.Log)
	case isGetwd(err):
		return ": it may have been removed; change to another directory, or use absolute names"
	case errors.Is(err, install.ErrDump):
		return ": pglite init, then pglite restore"
	case errors.Is(err, engine.ErrNoRuntime):
		return "; or (4) name one with --runtime"
	case isFull(err):
		return ": make room on that disk, or use another"
	case isReadOnly(err):
		return ": use a directory that can be written"
	case errors.Is(err, syscall.EMFILE):
		return ": raise this process's limit of open files (ulimit -n)"
	case isTooLarge(err):
		return ": raise this process's limit of the size of files (ulimit -f), or use a file system that takes larger ones"
	case errors.As(err, new(*net.OpError)):
		return "" // an address's errors say what is wrong with it
	case errors.Is(err, fs.ErrPermission):
		return ": run pglite as a user who may use that, or name another"
	}
	return ""
}

// isGetwd reports whether the working directory's name was asked for in vain.
func isGetwd(err error) bool {
	call := (*os.SyscallError)(nil)
	return errors.As(err, &call) && call.Syscall == "getwd"
}

// misconfigured is what a server says that does not start with its configuration.
var misconfigured = regexp.MustCompile(`configuration|parameter|must be |could not access file|pg_hba\.conf|could not load .* file|private key file`)

// lockFileBroken is what a server says that cannot tell whether another one runs. No pglite does: it would have the directory's lock.
var lockFileBroken = regexp.MustCompile(`lock file "postmaster.pid" is empty|bogus data in lock file "postmaster.pid"`)

// diskFull is what a server says that does not start because the disk has no room.
var diskFull = regexp.MustCompile(`No space left on device|Disk quota exceeded`)

// startAdvice returns what to do about a start that failed, by the log that the error holds. A log that the user sees anyway is not in
// the error: then the reason is not known here, but doctor finds it.
func startAdvice(log string) string {
	switch {
	case log == "":
		return "\nHINT:  pglite doctor examines the data directory and its configuration."
	case lockFileBroken.MatchString(log):
		return "\nHINT:  A crash of the computer can leave postmaster.pid like that. Remove it when no other PostgreSQL runs on the directory."
	case diskFull.MatchString(log):
		return "\nHINT:  Make room on that disk: the next start then recovers what was committed."
	case misconfigured.MatchString(log):
		return configurationHint
	}
	return ""
}

// configurationHint is what can be done when the configuration forbids the start: ALTER SYSTEM needs a server.
const configurationHint = `
HINT:  pglite doctor names the line of the configuration. --set NAME=VALUE gives a parameter another value for one start, as in
       pglite --set NAME=VALUE exec "ALTER SYSTEM SET NAME = 'VALUE'". Files that the configuration names outside of the data
       directory can be shown to the server with --mount DIR:DIR:ro.`

// besides returns what went wrong besides the exit status of another program, which that has explained itself.
func besides(err error) string {
	var messages []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			if _, message := explain(e); message != "" {
				messages = append(messages, message)
			}
		}
	}
	return strings.Join(messages, "\n")
}

// explainRefusal returns what the server said to a connection that it refused, the way psql shows it.
func explainRefusal(err *pgconn.ConnectError) string {
	var server *pgconn.PgError
	own := pgclient.IsOwn(err)
	switch {
	case !errors.As(err, &server) && own:
		return "no connection to the server: " + pgclient.WithoutAddress(errors.Unwrap(err)) + serverLogHint
	case server == nil:
		return "no connection to the server: " + withoutRepeats(errors.Unwrap(err).Error())
	case server.Code == cannotConnectNow && own && server.Hint == "":
		return strings.TrimRight(formatRefusal(server), "\n") + serverLogHint
	}
	return formatRefusal(server)
}

// withoutRepeats leaves out lines that are there already: sslmode=prefer tries an address twice.
func withoutRepeats(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		if !slices.Contains(kept, line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// cannotConnectNow is the SQLSTATE of a server that starts, recovers or shuts down.
const cannotConnectNow = "57P03"

// serverLogHint is where the reason stands when the own server lets nobody in.
const serverLogHint = "\nHINT:  The server's log says why. --verbose shows it, in the process that runs the server."

func formatRefusal(server *pgconn.PgError) string {
	return format.FormatError(&pgproto3.ErrorResponse{
		Severity: server.Severity, Code: server.Code, Message: server.Message,
		Detail: server.Detail, Hint: server.Hint, Where: server.Where,
	}, "", format.Default)
}

// printUsage reminds of how the command is used.
func (p *program) printUsage(command string) {
	app := p.app()
	if c := app.Command(command); c != nil {
		fmt.Fprintf(p.streams.Err, "Usage: %s\nTry \"pglite %s --help\" for more.\n", c.UsageText, c.Name)
		return
	}
	fmt.Fprintf(p.streams.Err, "Usage: %s\nTry \"pglite --help\" for more.\n", app.UsageText)
}
