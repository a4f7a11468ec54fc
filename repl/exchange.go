package repl

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// exchange is one query string and everything the server says to it, up to ReadyForQuery
// (https://www.postgresql.org/docs/18/protocol-flow.html).
type exchange struct {
	*Session
	ctx           context.Context
	sql           string
	request       *request
	out           *bufio.Writer                                               // of the results
	options       format.Options                                              // of the results
	newPrinter    func(*bufio.Writer, format.Options) (format.Printer, error) // NewPrinter, or what collects the result
	modifiers     []int32                                                     // of the types of columns, when the result is only described
	tags          *bufio.Writer                                               // of how
	silent        bool                                                        // no command tags
	rows          int                                                         // that the last statement returned or changed
	extended      bool
	synced        bool                   // Sync was sent: the server will come to ReadyForQuery
	wanted        int                    // parameters of the prepared statement
	columns       []format.Column        // of a prepared statement that is not bound yet
	failure       error                  // the first error of the server
	printer       format.Printer         // of the result that is coming in
	lastHeld      format.Printer         // is kept until it is known whether it is the last
	held          func() error           // shows the last result, when only that is to be shown
	printed       bool                   // COPY … TO STDOUT wrote the data, so no command tag is mixed with it
	copying       atomic.Pointer[copyIn] // of COPY … FROM STDIN
	copies        *copies                // in the query string
	notifications []string
}

// run sends the query and handles the answer. It returns an error when it had to give up.
func (x *exchange) run() error {
	if err := x.send(); err != nil {
		x.showLastWords()
		return err
	}
	for {
		msg, err := x.Frontend.Receive()
		if err != nil {
			return lost(err)
		}
		ready, isReady := msg.(*pgproto3.ReadyForQuery)
		if !isReady {
			if err := x.handle(msg); err != nil {
				return err
			}
			continue
		}
		x.tx = ready.TxStatus
		if x.held != nil {
			if err := x.held(); err != nil {
				return err
			}
		}
		x.report()
		return x.endCopy()
	}
}

// lastWordsPatience is how long the server's last words are waited for; they have been sent when it closes the
// connection.
const lastWordsPatience = time.Second

// showLastWords shows what the server said before it closed the connection: why.
func (x *exchange) showLastWords() {
	_ = x.Conn.SetReadDeadline(time.Now().Add(lastWordsPatience))
	for {
		msg, err := x.Frontend.Receive()
		if err != nil {
			return
		}
		if m, ok := msg.(*pgproto3.ErrorResponse); ok {
			x.show(x.formatError(m, ""))
		}
	}
}

// send sends the query. A query with parameters of the command line is prepared first, to learn how many it has.
func (x *exchange) send() error {
	if x.request != nil {
		return x.sendRequest()
	}
	if !x.extended {
		x.Frontend.SendQuery(&pgproto3.Query{String: x.sql})
		return x.flush()
	}
	x.Frontend.SendParse(&pgproto3.Parse{Query: x.sql})
	x.Frontend.SendDescribe(&pgproto3.Describe{ObjectType: 'S'})
	x.Frontend.Send(&pgproto3.Flush{})
	return x.flush()
}

func (x *exchange) flush() error {
	if err := x.Frontend.Flush(); err != nil {
		return lost(err)
	}
	return nil
}

// bind executes the prepared statement. A statement without parameters gets none.
func (x *exchange) bind() error {
	values := make([][]byte, 0, len(x.Parameters))
	if x.wanted > 0 {
		for _, value := range x.Parameters {
			values = append(values, []byte(value))
		}
	}
	x.Frontend.SendBind(&pgproto3.Bind{Parameters: values})
	x.Frontend.SendExecute(&pgproto3.Execute{})
	return x.sync()
}

// sync ends an exchange of the extended protocol.
func (x *exchange) sync() error {
	x.synced = true
	x.Frontend.SendSync(&pgproto3.Sync{})
	return x.flush()
}

// handle deals with one message of the server.
func (x *exchange) handle(msg pgproto3.BackendMessage) error {
	switch m := msg.(type) {
	case *pgproto3.RowDescription:
		x.columns = x.columnsOf(m)
		if x.extended && x.request == nil {
			return x.bind()
		}
		if x.request.describes() {
			x.request.described.columns = x.columns
			for _, field := range m.Fields {
				x.request.described.modifiers = append(x.request.described.modifiers, field.TypeModifier)
			}
			return nil
		}
		return x.begin()
	case *pgproto3.NoData:
		if x.request == nil {
			return x.bind()
		}
	case *pgproto3.BindComplete:
		if x.columns != nil {
			return x.begin()
		}
	case *pgproto3.DataRow:
		return x.output(x.printer.Row(m.Values))
	case *pgproto3.CommandComplete:
		return x.complete(string(m.CommandTag))
	case *pgproto3.ErrorResponse:
		return x.fail(m)
	case *pgproto3.NoticeResponse:
		x.show(x.formatNotice(m, x.sql))
	case *pgproto3.NotificationResponse:
		x.notifications = append(x.notifications, formatNotification(m))
	case *pgproto3.ParameterStatus:
		if x.Status != nil {
			x.Status[m.Name] = m.Value
		}
		if m.Name == "client_encoding" {
			x.Options.Encoding = format.EncodingOf(m.Value)
		}
		if m.Name == "client_encoding" && x.Variables != nil {
			x.Variables["ENCODING"] = m.Value
		}
	case *pgproto3.ParameterDescription:
		x.wanted = len(m.ParameterOIDs)
	case *pgproto3.CopyInResponse:
		return x.beginCopy(m.OverallFormat == 1)
	case *pgproto3.CopyOutResponse:
		x.printed = true
	case *pgproto3.CopyData:
		_, err := x.out.Write(m.Data)
		return x.output(err)
	case *pgproto3.CopyBothResponse:
		return fmt.Errorf("the statement starts replication, which needs another client: %s", x.sql)
	}
	return nil
}

func (s *Session) columnsOf(m *pgproto3.RowDescription) []format.Column {
	columns := make([]format.Column, len(m.Fields))
	for i, field := range m.Fields {
		columns[i] = format.Column{Name: string(field.Name), OID: field.DataTypeOID, Array: s.arrays[field.DataTypeOID]}
	}
	return columns
}

// begin starts a result.
func (x *exchange) begin() (err error) {
	if x.onlyLast() {
		x.printer = format.NewHeld(x.out, x.options, x.newPrinter)
	} else if x.printer, err = x.newPrinter(x.out, x.options); err != nil {
		return err
	}
	return x.output(x.printer.Begin(x.columns))
}

// complete ends the result of one statement and prints its command tag, where psql does: not for a result that is a
// plain table, and not among data that a program reads.
func (x *exchange) complete(tag string) error {
	if err := x.endCopy(); err != nil {
		return err
	}
	if makesTypes(tag) {
		x.arraysKnown = false
	}
	if x.onlyLast() {
		x.hold(tag)
		return nil
	}
	return x.finish(tag)
}

// onlyLast reports whether of several results only the last is to be shown.
func (x *exchange) onlyLast() bool {
	return x.request == nil && !x.silent && !x.Variables.flag("SHOW_ALL_RESULTS", true)
}

// hold keeps the result that came until another comes or none.
func (x *exchange) hold(tag string) {
	printer, printed := x.printer, x.printed
	if x.lastHeld != nil {
		format.Discard(x.lastHeld)
	}
	x.lastHeld, x.printer, x.printed, x.rows = printer, nil, false, rowsOf(tag)
	x.held = func() error {
		if held, ok := printer.(*format.Held); ok {
			if err := x.output(held.Print()); err != nil {
				return err
			}
		}
		x.printer, x.printed = printer, printed
		return x.finish(tag)
	}
}

// finish ends a result, or what there is when there is none, and prints the command tag.
func (x *exchange) finish(tag string) error {
	verb, _, _ := strings.Cut(tag, " ")
	show := !x.printed
	if x.printer != nil {
		if err := x.output(x.printer.End()); err != nil {
			return err
		}
		show = verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "MERGE"
	}
	out := x.out
	if x.tags != nil {
		show = show || x.printed && x.printer == nil // the data of a COPY
		out = x.tags
	}
	x.printer, x.printed, x.rows = nil, false, rowsOf(tag)
	if x.Variables != nil && show && !x.silent {
		x.Variables["LASTOID"] = "0" // tables have had none since version 12
	}
	if show && !x.Quiet && !x.silent && !x.options.Format.Data() {
		if x.options.Format == format.HTML {
			tag = "<p>" + format.EscapeHTML(tag) + "</p>"
		}
		out.WriteString(tag + "\n")
	}
	if out != x.out {
		out.Flush()
	}
	return x.output(x.out.Flush())
}

// fail shows an error. What is kept of a result that it cut short is dropped, as psql does. The rest of the data for a
// COPY is read first, so that the line named is the one at which the script goes on, again as psql does.
func (x *exchange) fail(m *pgproto3.ErrorResponse) error {
	response := *m
	failure := x.failCopy()
	x.lastError, x.lastQuery = &response, x.sql
	x.show(x.formatError(&response, x.sql))
	if x.failure == nil {
		x.failure = &QueryError{&response}
	}
	format.Discard(x.printer)
	format.Discard(x.lastHeld)
	x.printer, x.held = nil, nil
	switch {
	case failure != nil:
		return failure
	case x.unusable != nil:
		return x.failure
	case x.extended && !x.synced:
		return x.sync()
	}
	return nil
}

// show prints a message after what was printed before it.
func (x *exchange) show(text string) {
	x.out.Flush()
	x.Message(x.prefix() + text)
}

// report prints the notifications that came in.
func (x *exchange) report() {
	for _, text := range x.notifications {
		if !x.options.Format.Data() {
			x.out.WriteString(text)
		}
	}
	x.notifications = nil
}

func formatNotification(m *pgproto3.NotificationResponse) string {
	payload := ""
	if m.Payload != "" {
		payload = fmt.Sprintf(" with payload \"%s\"", m.Payload)
	}
	return fmt.Sprintf("Asynchronous notification \"%s\"%s received from server process with PID %d.\n", m.Channel, payload, m.PID)
}

// output marks an error of writing the results.
func (x *exchange) output(err error) error {
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
