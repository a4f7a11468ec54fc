package hexdump

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// Replay sends the messages of a capture's clients to a server, in the capture's order and over as many connections, and
// shows where its answers differ from the recorded ones. How clients came in is not replayed: Connect logs in. Neither
// are cancel requests.
type Replay struct {
	// Connect opens a session with the parameters of the recorded startup packet. The handshake is over when it returns.
	Connect func(ctx context.Context, parameters map[string]string) (net.Conn, error)
	// Out is where differences are shown.
	Out   io.Writer
	Color bool
	// Patience is how long an answer may take; 0 means a minute.
	Patience time.Duration

	playbacks map[uint32]*playback
	result    ReplayResult
}

// ReplayResult counts what a replay has done.
type ReplayResult struct {
	Connections int
	Answers     int // an answer is all that the server says up to ReadyForQuery
	Different   int // answers
	NotSent     int // requests with a password, which the capture does not hold
}

// Same reports whether all was sent and answered as recorded.
func (r ReplayResult) Same() bool { return r.Different == 0 && r.NotSent == 0 }

const (
	defaultPatience = time.Minute
	protocolMajor   = 3
)

// ErrNoCapture tells that a file is none that a CaptureWriter has written.
var ErrNoCapture = errors.New("this is no capture")

// Run replays a capture. It fails when the capture cannot be read or replayed, and when there is no session; that the
// server answers differently, or ends a session, is no error. A Replay runs once.
func (r *Replay) Run(ctx context.Context, capture io.Reader) (ReplayResult, error) {
	in := bufio.NewReader(capture)
	if start, _ := in.Peek(len(captureMagic)); string(start) != captureMagic {
		return ReplayResult{}, ErrNoCapture
	}
	if r.Patience == 0 {
		r.Patience = defaultPatience
	}
	r.playbacks = map[uint32]*playback{}
	defer func() {
		for _, p := range r.playbacks {
			p.close()
		}
	}()
	err := r.records(ctx, in)
	if err == nil {
		for _, conn := range slices.Sorted(maps.Keys(r.playbacks)) {
			if err = r.playbacks[conn].end(ctx); err != nil {
				break
			}
		}
	}
	return r.result, err
}

// records replays the records of a capture.
func (r *Replay) records(ctx context.Context, in io.Reader) error {
	for record, err := range ReadCapture(in) {
		if err != nil {
			return err
		}
		if err := r.add(ctx, record); err != nil {
			return fmt.Errorf("connection %d: %w", record.Conn, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// add replays what the record completes.
func (r *Replay) add(ctx context.Context, record Record) error {
	conn := record.Conn
	p := r.playbacks[conn]
	if p == nil {
		if record.End {
			return nil
		}
		if len(r.playbacks) == maxConnections {
			return fmt.Errorf("more than %d at a time", maxConnections)
		}
		p = &playback{replay: r, number: conn, recorded: newRecording(false)}
		r.playbacks[conn] = p
	}
	if record.End {
		delete(r.playbacks, conn)
		defer p.close()
		return p.end(ctx)
	}
	for _, m := range p.recorded.Add(record.Direction, record.Bytes) {
		if err := p.message(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// parameters reads a startup packet.
func parameters(m wire.Message) (map[string]string, error) {
	if len(m.Body) < 4 || m.Body[1] != protocolMajor {
		return nil, errors.New("the startup packet is not of protocol 3")
	}
	found := map[string]string{}
	fields := bytes.Split(m.Body[4:], []byte{0})
	for i := 0; i+1 < len(fields) && len(fields[i]) > 0; i += 2 {
		found[string(fields[i])] = string(fields[i+1])
	}
	if found["replication"] != "" && found["replication"] != "false" {
		return nil, errors.New("replication connections cannot be replayed")
	}
	return found, nil
}
