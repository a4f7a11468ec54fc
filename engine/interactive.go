package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// Input is what an Interactive sends: Text or Bytes.
type Input interface{ wire(raw bool) []byte }

// Text is SQL. It is sent as a Query message, also in wire mode.
type Text string

// Bytes are SQL while an Interactive is not in wire mode, else messages of the protocol
// (https://www.postgresql.org/docs/18/protocol-message-formats.html) that follow the handshake.
type Bytes []byte

func (t Text) wire(bool) []byte { return queryMessage([]byte(t)) }

func (b Bytes) wire(raw bool) []byte {
	if raw {
		return b
	}
	return queryMessage(b)
}

func queryMessage(sql []byte) []byte {
	sql, _, _ = bytes.Cut(sql, []byte{0}) // which ends a string of the protocol
	m := binary.BigEndian.AppendUint32([]byte{'Q'}, uint32(len(sql)+5))
	return append(append(m, sql...), 0)
}

// ErrSessionLost: the session of an Interactive has ended without being asked to, such as by a crash of its backend; the cause is wrapped.
var ErrSessionLost = errors.New("the session is lost: ClearError lets the next call begin another")

// Interactive is one session that takes SQL or messages and returns the server's raw answers. It begins at the first use, with the user and the
// database postgres. All methods are safe for concurrent use; calls wait for each other.
//
// It begins in REPL mode, in which Bytes are SQL; after UseWire(true) they are messages. When the backend crashes or the connection breaks,
// calls fail with ErrSessionLost until ClearError; the next call then does the handshake again. An error of a statement is an answer like any
// other.
type Interactive struct {
	dial func(context.Context) (net.Conn, error)
	turn chan struct{} // holds a token: who has it may use the session

	mu      sync.Mutex
	raw     bool
	poked   []byte
	lost    error
	session *pgclient.Session
	awaited []byte // the messages that ReadyForQuery will answer, by type
}

// NewInteractive returns a session on the server. Nothing connects before the first call.
func (db *DB) NewInteractive() *Interactive {
	i := &Interactive{dial: db.Dial, turn: make(chan struct{}, 1)}
	i.turn <- struct{}{}
	return i
}

// ExecInteractive sends input in a session of the DB's own, which begins at the first use, and returns the raw answer up to ReadyForQuery.
// Bytes are messages.
func (db *DB) ExecInteractive(ctx context.Context, input Input) ([]byte, error) {
	return db.own().send(ctx, func() []byte { return input.wire(true) })
}

// ClearInteractiveError lets the next ExecInteractive begin a new session after ErrSessionLost.
func (db *DB) ClearInteractiveError() { db.own().ClearError() }

// own returns the DB's own session.
func (db *DB) own() *Interactive {
	db.once.Do(func() {
		db.interactive = db.NewInteractive()
		db.interactive.UseWire(true)
	})
	return db.interactive
}

// UseWire chooses what Bytes are: messages of the protocol, or SQL.
func (i *Interactive) UseWire(on bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.raw = on
}

// Poke adds to what the next One sends.
func (i *Interactive) Poke(input Input) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.poked = append(i.poked, input.wire(i.raw)...)
}

// ClearError lets the next call begin a new session after ErrSessionLost. What was poked meanwhile is kept.
func (i *Interactive) ClearError() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lost = nil
}

// One sends what was poked and returns the raw answer: up to ReadyForQuery for each Query, Sync and FunctionCall, or up to where the server
// waits for the data of a COPY. What is sent without one of these is answered with the next. A cancelled ctx ends the session, because nobody
// has read the rest of the answer.
func (i *Interactive) One(ctx context.Context) ([]byte, error) {
	return i.send(ctx, func() []byte {
		i.mu.Lock()
		defer i.mu.Unlock()
		poked := i.poked
		i.poked = nil
		return poked
	})
}

// send sends messages when it is its turn. Messages that make no sense are not sent.
func (i *Interactive) send(ctx context.Context, messages func() []byte) ([]byte, error) {
	select {
	case <-i.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { i.turn <- struct{}{} }()
	i.mu.Lock()
	lost := i.lost
	i.mu.Unlock()
	if lost != nil {
		return nil, fmt.Errorf("%w (%w)", ErrSessionLost, lost)
	}
	content := messages()
	awaited, err := awaitedTypes(content)
	if err != nil {
		return nil, err
	}
	if i.session == nil {
		if i.session, err = pgclient.OpenOwn(ctx, i.dial, pgclient.Login{User: "postgres", Database: "postgres"}, nil, pgclient.Options{}); err != nil {
			return nil, err
		}
	}
	i.awaited = append(i.awaited, awaited...)
	answer, err := i.exchange(ctx, content)
	if err == nil {
		return answer, nil
	}
	_ = i.session.Conn.Close()
	i.session, i.awaited = nil, nil
	i.mu.Lock()
	i.lost = err
	i.mu.Unlock()
	if ctx.Err() != nil {
		return answer, ctx.Err()
	}
	return answer, fmt.Errorf("%w (%w)", ErrSessionLost, err)
}

// exchange writes messages and reads the answer.
func (i *Interactive) exchange(ctx context.Context, messages []byte) (answer []byte, err error) {
	conn := i.session.Conn
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	written := make(chan error, 1) // the server may answer before it has read all
	go func() {
		_, err := conn.Write(messages)
		written <- err
	}()
	for len(i.awaited) > 0 && err == nil {
		var message []byte
		if message, err = readMessage(conn); err != nil {
			break
		}
		answer = append(answer, message...)
		switch message[0] {
		case 'Z':
			i.awaited = i.awaited[1:]
		case 'G', 'W': // CopyInResponse, CopyBothResponse
			if i.awaited[0] == 'S' { // the server ignores a Sync in the middle of a COPY
				i.awaited = i.awaited[1:]
			}
			return answer, <-written
		}
	}
	if err != nil {
		_ = conn.Close()
	}
	return answer, errors.Join(err, <-written)
}

// awaitedTypes returns those of the messages that the server answers with ReadyForQuery. CopyDone and CopyFail end what a Query before has begun.
func awaitedTypes(messages []byte) (types []byte, err error) {
	for rest := messages; len(rest) > 0; {
		if len(rest) < 5 {
			return nil, io.ErrUnexpectedEOF
		}
		length := binary.BigEndian.Uint32(rest[1:])
		if length < 4 || uint64(length)+1 > uint64(len(rest)) {
			return nil, fmt.Errorf("message %q: %w", rest[0], io.ErrUnexpectedEOF)
		}
		if t := rest[0]; t == 'Q' || t == 'S' || t == 'F' {
			types = append(types, t)
		}
		rest = rest[length+1:]
	}
	return types, nil
}

// readMessage reads one message with its header.
func readMessage(conn io.Reader) ([]byte, error) {
	const longest = 1<<30 + 1<<20 // PostgreSQL's own limit is 1 GB
	header := make([]byte, 5)
	if _, err := io.ReadFull(conn, header); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(header[1:])
	if length < 4 || length > longest {
		return nil, fmt.Errorf("message %q has a length of %d", header[0], length)
	}
	message := append(header, make([]byte, length-4)...)
	_, err := io.ReadFull(conn, message[5:])
	return message, err
}

// Close ends the session. The next call begins another.
func (i *Interactive) Close() error {
	<-i.turn
	defer func() { i.turn <- struct{}{} }()
	if i.session == nil {
		return nil
	}
	_, _ = i.session.Conn.Write([]byte{'X', 0, 0, 0, 4})
	err := i.session.Conn.Close()
	i.session, i.awaited = nil, nil
	return err
}

// Transport is how the bytes of a session travel between the Go program and the server.
type Transport string

// TransportSocket is a socket: of the kernel in this program, or of the operating system when another process runs the server. The modules of
// this project's runtime know no other.
const TransportSocket Transport = "socket"

// Transport returns how sessions of this DB travel.
func (db *DB) Transport() Transport { return TransportSocket }
