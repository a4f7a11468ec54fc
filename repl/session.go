package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// QueryError is an error that the server reported for a statement. The session has shown it already.
type QueryError struct {
	Response *pgproto3.ErrorResponse
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("%s: %s (SQLSTATE %s)", e.Response.Severity, e.Response.Message, e.Response.Code)
}

// ConnectionError says that the connection to the server was lost.
type ConnectionError struct {
	Err   error
	Shown bool // the session has shown it
}

func (e *ConnectionError) Error() string {
	return "connection to the server was lost: " + e.Err.Error()
}

// Unwrap returns what reading or writing reported.
func (e *ConnectionError) Unwrap() error { return e.Err }

// Connection is a connection to a server, past the handshake.
type Connection struct {
	Conn     net.Conn
	Frontend *pgproto3.Frontend // nil for a new one
	// Cancel asks the server, over another connection, to cancel the running statement.
	Cancel func(context.Context) error
	// Status holds the server parameters that the server reports.
	Status map[string]string
	// Database and User are what the session is connected to and as, PID its backend.
	Database, User string
	PID            uint32
	// Host and Port are those of another server than the session's own cluster.
	Host, Port string
	// PasswordUsed says that the server asked for a password.
	PasswordUsed bool
}

// complete returns the connection with all that a session needs of it.
func (c Connection) complete() Connection {
	if c.Frontend == nil {
		c.Frontend = pgproto3.NewFrontend(c.Conn, c.Conn)
	}
	if c.Status == nil {
		c.Status = map[string]string{}
	}
	return c
}

// Config says how a session behaves. The zero value works: it reads nothing and shows nothing.
type Config struct {
	Streams Streams
	// Grace is how long the server has to obey Cancel before the connection is closed; 5 s when it is zero.
	Grace time.Duration
	// CompletionLimit is how long completion may ask the server before it has nothing to offer; 5 s when it is zero.
	CompletionLimit time.Duration

	Out       *bufio.Writer  // results
	Message   func(string)   // shows notices and errors, each ended by a line end
	Input     *lex.Input     // what the statements come from, and so the data of COPY … FROM STDIN
	Program   string         // named before a script's file and line in messages
	Options   format.Options // format.DefaultOptions when they name no format
	Verbosity format.Verbosity
	Quiet     bool // no command tags
	Continue  bool // an error does not stop a script
	// Variables are those that are set before the session begins. The session keeps the map.
	Variables Variables
	// Parameters are $1, $2 … of every statement that has parameters. When there are any, statements go through the
	// extended protocol, one at a time.
	Parameters []string

	// Connect connects the session to another database, as another user or to another server, for \c, by Adopt. When it
	// fails the session is as it was. When it is nil \c says that it cannot.
	Connect func(ctx context.Context, s *Session, t Target) error
	// Help returns what psql says to \h or \? with an argument; nil where there is no psql.
	Help func(ctx context.Context, command string) (string, error)
	// Usage returns the description of the command line for \? options; nil where there is none.
	Usage func() string
	// Terminal is what the results are shown on, nil when that is no terminal.
	Terminal *Terminal
	// Log gets the queries, and what is printed of their results; nil for none.
	Log io.Writer
	// Hex shows the wire exchange of statements.
	Hex HexMode
}

// Session sends statements over a connection and prints what comes back. It is not safe for concurrent use.
type Session struct {
	Connection
	Config

	// recorded is what \hex has kept; nil until it is first used on a connection.
	recorded *recorder

	script     *lex.Input // being run, when it has a name
	name       string     // of the script
	restricted string     // the key of \restrict
	tx         byte
	unusable   error // why no statement can be sent any more
	midCopy    bool  // the server waits for the data of a COPY
	performs   int   // statements that were performed, well or not

	previous    string                  // the statement sent last, which \g repeats
	next        *request                // how the next statement is sent, from \bind and its like
	lastError   *pgproto3.ErrorResponse // for \errverbose
	lastQuery   string                  // that lastError is about
	pipe        *pipeline               // between \startpipeline and \endpipeline
	redirect    *destination            // of \o
	standard    *bufio.Writer           // Out, while \o has put another in its place
	stdin       *lex.Input              // the program's own input
	arrays      map[uint32]format.Array // the server's array types by their object identifiers
	arraysKnown bool                    // arrays has them all
	collected   func() string           // what was typed of the statement before the line that is typed
	pasted      *lex.Splitter           // holds lines that were pasted and not read yet, in a shell
}

// New returns a session on a connection. It does what the variables ask for, and gives psql's special variables that are
// not set their defaults.
func New(c Connection, cfg Config) *Session {
	if cfg.Out == nil {
		cfg.Out = bufio.NewWriter(io.Discard)
	}
	if cfg.Message == nil {
		cfg.Message = func(string) {}
	}
	if cfg.Options.Format == "" {
		cfg.Options = format.DefaultOptions()
	}
	s := &Session{Connection: c.complete(), Config: cfg}
	s.obeyVariables()
	s.setDefaults()
	return s
}

// TxStatus returns the transaction status of the last ReadyForQuery: 'I' idle, 'T' in a transaction, 'E' in a failed
// one.
func (s *Session) TxStatus() byte { return s.tx }

// prefix returns "PROGRAM:FILE:LINE: " while a script that has a name runs.
func (s *Session) prefix() string {
	if s.name == "" {
		return ""
	}
	return fmt.Sprintf("%s:%s:%d: ", s.Program, s.name, s.script.Line())
}

// lost turns an error of reading or writing into a *ConnectionError.
func lost(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("the server closed it")
	}
	return &ConnectionError{Err: err}
}
