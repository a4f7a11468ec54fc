package repl

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// formatError is FormatError as the session's variables ask for it.
func (s *Session) formatError(e *pgproto3.ErrorResponse, query string) string {
	if s.Verbosity == format.Code {
		return fmt.Sprintf("%s:  %s\n", e.Severity, e.Code)
	}
	return format.FormatMessage(e, query, s.Verbosity, s.Verbosity != format.Terse && s.Variables["SHOW_CONTEXT"] != "never")
}

// formatNotice is FormatNotice as the session's variables ask for it.
func (s *Session) formatNotice(n *pgproto3.NoticeResponse, query string) string {
	if s.Verbosity == format.Code {
		return fmt.Sprintf("%s:  %s\n", n.Severity, n.Code)
	}
	return format.FormatMessage((*pgproto3.ErrorResponse)(n), query, s.Verbosity, s.Verbosity != format.Terse && s.Variables["SHOW_CONTEXT"] == "always")
}
