package repl

import "github.com/jackc/pgx/v5/pgproto3"

// requestKind is a way to use the extended protocol.
type requestKind int

const (
	bindUnnamed    requestKind = iota // \bind: parse, bind and execute
	bindNamed                         // \bind_named: bind and execute a prepared statement
	parseNamed                        // \parse
	closeNamed                        // \close_prepared
	describeResult                    // \gdesc
)

// request is a statement sent through the extended protocol
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
type request struct {
	kind       requestKind
	statement  string // the name of the prepared statement
	parameters []string
	described  *exchange // takes the columns of describeResult
}

// describes reports whether only the description of the result is wanted.
func (r *request) describes() bool { return r != nil && r.kind == describeResult }

// untagged reports whether the server answers without a command tag.
func (r *request) untagged() bool {
	return r != nil && (r.kind == parseNamed || r.kind == closeNamed)
}

// sendRequest sends the messages of the request and ends with Sync.
func (x *exchange) sendRequest() error {
	x.request.send(x.Frontend, x.sql)
	return x.sync()
}

// send sends the messages of the request.
func (r *request) send(f *pgproto3.Frontend, sql string) {
	values := make([][]byte, len(r.parameters))
	for i, value := range r.parameters {
		values[i] = []byte(value)
	}
	switch r.kind {
	case parseNamed:
		f.SendParse(&pgproto3.Parse{Name: r.statement, Query: sql})
	case closeNamed:
		f.SendClose(&pgproto3.Close{ObjectType: 'S', Name: r.statement})
	case describeResult:
		f.SendParse(&pgproto3.Parse{Query: sql})
		f.SendDescribe(&pgproto3.Describe{ObjectType: 'S'})
	default:
		if r.kind == bindUnnamed {
			f.SendParse(&pgproto3.Parse{Query: sql})
		}
		f.SendBind(&pgproto3.Bind{PreparedStatement: r.statement, Parameters: values})
		f.SendDescribe(&pgproto3.Describe{ObjectType: 'P'})
		f.SendExecute(&pgproto3.Execute{})
	}
}
