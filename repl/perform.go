package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// how says how one query is run, where that differs from the session's ways.
type how struct {
	out        *bufio.Writer   // nil: the session's
	options    *format.Options // nil: the session's
	newPrinter func(*bufio.Writer, format.Options) (format.Printer, error)
	request    *request
	copies     *copies
	tags       *bufio.Writer // takes command tags when only results and the data of COPY … TO STDOUT go to out
	silent     bool          // no command tags
	internal   bool          // our own statement: none of what variables ask to be done around the user's
}

// Query runs one query string and prints its results. With the simple protocol it may hold several statements, which
// are then one implicit transaction. It returns a *QueryError for the first error of the server, which has been
// shown, a *ConnectionError when the connection is lost, and ctx's error when ctx was done before the query began.
// When ctx ends during the query the server is asked to cancel it.
//
// The variables AUTOCOMMIT, ON_ERROR_ROLLBACK and ECHO and the option for timing do what they do in psql.
func (s *Session) Query(ctx context.Context, sql string) error {
	return s.perform(ctx, sql, how{})
}

// perform runs a query and what variables ask to be done around it. Then it passes over the data for COPY that was not
// read, so that none of it is run.
func (s *Session) perform(ctx context.Context, sql string, h how) error {
	if h.request == nil {
		h.request, s.next = s.next, nil
	}
	s.performs++
	if h.copies == nil {
		h.copies = s.copiesOf(sql)
	}
	s.learnArrays(ctx, h)
	err := s.performed(ctx, sql, h)
	if s.unusable == nil {
		s.passOver(ctx, h.copies)
	}
	return err
}

func (s *Session) performed(ctx context.Context, sql string, h how) error {
	if !h.internal && s.Variables.flag("SINGLESTEP", false) && !s.confirmed(sql) {
		return &CommandError{"the user did not want it"} // which psql too counts as a failure, and says nothing of
	}
	if s.Variables["ECHO"] == "queries" {
		s.Out.WriteString(sql + "\n")
	}
	if !h.internal {
		s.logQuery(sql)
	}
	if s.pipe != nil && !h.internal && s.unusable == nil {
		s.enqueue(sql, h.request)
		return nil
	}
	if s.tx != 'T' && s.tx != 'E' && !s.Variables.flag("AUTOCOMMIT", true) && !controlsTransaction(sql) {
		if err := s.own(ctx, "BEGIN"); err != nil {
			return err
		}
	}
	savepoint := s.tx == 'T' && s.wantsSavepoint() && !controlsTransaction(sql)
	if savepoint {
		if err := s.own(ctx, "SAVEPOINT pg_psql_temporary_savepoint"); err != nil {
			return err
		}
	}
	start := time.Now()
	err := s.exchange(ctx, sql, h)
	elapsed := time.Since(start)
	if savepoint && s.unusable == nil {
		if e := s.endSavepoint(ctx); e != nil && err == nil {
			err = e
		}
	}
	if s.Options.Timing && !isLost(err) {
		s.Out.WriteString(formatTime(elapsed))
		s.Out.Flush()
	}
	return err
}

func isLost(err error) bool {
	var lost *ConnectionError
	return errors.As(err, &lost)
}

// own runs a statement of our own, of which only errors are shown.
func (s *Session) own(ctx context.Context, sql string) error {
	return s.exchange(context.WithoutCancel(ctx), sql, how{silent: true, internal: true, newPrinter: discardResult})
}

// wantsSavepoint reports whether an error shall undo only the statement it is in.
func (s *Session) wantsSavepoint() bool {
	value := s.Variables["ON_ERROR_ROLLBACK"]
	if value == "interactive" {
		return s.Terminal != nil && s.Terminal.Interactive
	}
	on, _ := format.ParseBool(value)
	return on
}

func (s *Session) endSavepoint(ctx context.Context) error {
	switch s.tx {
	case 'E':
		return s.own(ctx, "ROLLBACK TO pg_psql_temporary_savepoint")
	case 'T':
		return s.own(ctx, "RELEASE pg_psql_temporary_savepoint")
	}
	return nil
}

// exchange runs one query over the wire.
func (s *Session) exchange(ctx context.Context, sql string, h how) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if s.unusable != nil {
		return s.unusable
	}
	if s.pipe != nil {
		s.Message(s.prefix() + "synchronous command execution functions are not allowed in pipeline mode\n")
		return &CommandError{"a pipeline is open"}
	}
	x := &exchange{Session: s, ctx: ctx, sql: sql, request: h.request, copies: h.copies, silent: h.silent, tags: h.tags, newPrinter: h.newPrinter, out: h.out, options: s.Options}
	x.extended = h.request == nil && !h.internal && len(s.Parameters) > 0 || h.request != nil
	if h.options != nil {
		x.options = *h.options
	}
	if x.out == nil {
		x.out = s.Out
	}
	if x.newPrinter == nil {
		x.newPrinter = s.openPrinter
	}
	if h.out == nil && !h.internal {
		var end func()
		x.out, x.options, end = s.page(x.options)
		defer end()
	}
	if !h.internal {
		x.out = s.logged(x.out)
	}
	defer s.tap(x, h)()
	defer x.watch()()
	err := x.run()
	if err != nil && s.unusable == nil {
		s.unusable = err // what the server still says belongs to this statement
	}
	if err == nil {
		if err = x.output(x.out.Flush()); err == nil {
			err = x.failure
		}
	}
	if !h.internal {
		s.note(x, err)
	}
	if err == nil && h.request.untagged() && !s.Quiet {
		s.Out.WriteString("\n") // psql prints the command tag that there is not
		s.Out.Flush()
	}
	return err
}

// note sets the variables that tell of the last statement.
func (s *Session) note(x *exchange, err error) {
	if s.Variables == nil {
		return
	}
	v := s.Variables
	v["ERROR"], v["SQLSTATE"], v["ROW_COUNT"] = "false", "00000", strconv.Itoa(x.rows)
	var failed *QueryError
	if errors.As(err, &failed) {
		v["ERROR"], v["SQLSTATE"], v["ROW_COUNT"] = "true", failed.Response.Code, "0"
		v["LAST_ERROR_MESSAGE"], v["LAST_ERROR_SQLSTATE"] = failed.Response.Message, failed.Response.Code
	}
}

// rowsOf returns the number of rows in a command tag.
func rowsOf(tag string) int {
	n, err := strconv.Atoi(tag[strings.LastIndexByte(tag, ' ')+1:])
	if err != nil {
		return 0
	}
	return n
}

// controlsTransaction reports whether a statement is not to be preceded by a BEGIN or a savepoint of ours: it controls
// transactions itself, or cannot run in one.
func controlsTransaction(sql string) bool {
	words := lex.FirstWords(sql, 3)
	at := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch at(0) {
	case "abort", "begin", "start", "commit", "end", "rollback", "savepoint", "release", "vacuum":
		return true
	case "prepare":
		return at(1) == "transaction"
	case "cluster":
		return at(1) == ""
	case "create", "drop", "alter":
		return at(1) == "database" || at(1) == "tablespace" || at(1) == "system" || at(1) != "alter" && at(2) == "concurrently"
	case "reindex":
		return at(1) == "database" || at(1) == "system" || at(2) == "concurrently"
	case "discard":
		return at(1) == "all"
	}
	return false
}

// formatTime returns what \timing shows.
func formatTime(elapsed time.Duration) string {
	ms := float64(elapsed.Microseconds()) / 1000
	if ms < 1000 {
		return fmt.Sprintf("Time: %.3f ms\n", ms)
	}
	seconds := int(ms / 1000)
	rest := ms/1000 - float64(seconds/60*60)
	if seconds < 3600 {
		return fmt.Sprintf("Time: %.3f ms (%02d:%06.3f)\n", ms, seconds/60, rest)
	}
	if seconds < 86400 {
		return fmt.Sprintf("Time: %.3f ms (%02d:%02d:%06.3f)\n", ms, seconds/3600, seconds/60%60, rest)
	}
	return fmt.Sprintf("Time: %.3f ms (%d d %02d:%02d:%06.3f)\n", ms, seconds/86400, seconds/3600%24, seconds/60%60, rest)
}
