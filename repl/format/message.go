package format

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Verbosity says how much of a server's message is shown (VERBOSITY and SHOW_CONTEXT in psql).
type Verbosity int

// The verbosities; the zero value is psql's default.
const (
	Default Verbosity = iota // message, position, DETAIL, HINT, and CONTEXT of errors
	Terse                    // one line
	Verbose                  // with SQLSTATE, object names and LOCATION
	Code                     // SQLSTATE alone
)

// FormatError returns an error of the server as psql prints it, ended by a line end. The query is the text that was
// sent, so that LINE can show where the error is; "" when it is not known.
// The fields are those of https://www.postgresql.org/docs/18/protocol-error-fields.html.
func FormatError(e *pgproto3.ErrorResponse, query string, v Verbosity) string {
	return FormatMessage(e, query, v, v != Terse)
}

// FormatNotice returns a notice, warning or log message of the server as psql prints it.
func FormatNotice(n *pgproto3.NoticeResponse, query string, v Verbosity) string {
	return FormatMessage((*pgproto3.ErrorResponse)(n), query, v, false)
}

// FormatMessage is FormatError for a message of any kind, with its CONTEXT or without.
func FormatMessage(e *pgproto3.ErrorResponse, query string, v Verbosity, context bool) string {
	var b strings.Builder
	b.WriteString(e.Severity + ":  ")
	if v == Verbose {
		b.WriteString(e.Code + ": ")
	}
	b.WriteString(e.Message)
	if v == Terse {
		b.WriteString(tersePosition(e, query) + "\n")
		return b.String()
	}
	b.WriteString("\n")
	switch {
	case e.Position > 0 && query != "":
		b.WriteString(positionLines(query, int(e.Position)))
	case e.InternalPosition > 0 && e.InternalQuery != "":
		b.WriteString(positionLines(e.InternalQuery, int(e.InternalPosition)))
	}
	writeField(&b, "DETAIL", e.Detail)
	writeField(&b, "HINT", e.Hint)
	writeField(&b, "QUERY", e.InternalQuery)
	if context {
		writeField(&b, "CONTEXT", e.Where)
	}
	if v == Verbose {
		writeOrigin(&b, e)
	}
	return b.String()
}

// tersePosition is what stands for the LINE in a message of one line.
func tersePosition(e *pgproto3.ErrorResponse, query string) string {
	switch {
	case e.Position > 0 && query != "":
		return fmt.Sprintf(" at character %d", e.Position)
	case e.InternalPosition > 0 && e.InternalQuery != "":
		return fmt.Sprintf(" at character %d", e.InternalPosition)
	}
	return ""
}

func writeField(b *strings.Builder, name, value string) {
	if value != "" {
		b.WriteString(name + ":  " + value + "\n")
	}
}

// writeOrigin writes the fields that only a verbose message has.
func writeOrigin(b *strings.Builder, e *pgproto3.ErrorResponse) {
	writeField(b, "SCHEMA NAME", e.SchemaName)
	writeField(b, "TABLE NAME", e.TableName)
	writeField(b, "COLUMN NAME", e.ColumnName)
	writeField(b, "DATATYPE NAME", e.DataTypeName)
	writeField(b, "CONSTRAINT NAME", e.ConstraintName)
	if e.File == "" && e.Routine == "" && e.Line == 0 {
		return
	}
	b.WriteString("LOCATION:  ")
	if e.Routine != "" {
		b.WriteString(e.Routine + ", ")
	}
	fmt.Fprintf(b, "%s:%d\n", e.File, e.Line)
}
