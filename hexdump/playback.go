package hexdump

import (
	"context"
	"errors"
	"fmt"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// playback is a connection of a capture that is replayed. Its methods belong to one goroutine.
type playback struct {
	replay   *Replay
	number   uint32
	recorded *wire.Splitter
	startup  map[string]string
	ready    bool   // the recorded login is over: ReadyForQuery has been seen
	live     *live  // nil until there is something to send
	owed     []byte // the types of the requests that the server has yet to answer with ReadyForQuery
	flushed  bool   // Flush was sent: there are answers without ReadyForQuery
	skip     bool   // a request was not sent; what was recorded is skipped up to ReadyForQuery
	lost     bool   // the server has ended the session, or does not answer
	told     bool   // that has been shown
	answer   answer
}

const syncType = 'S'

// message replays a client's message, or compares a server's.
func (p *playback) message(ctx context.Context, m wire.Message) error {
	switch {
	case m.Name == "Encrypted":
		return errors.New("it is encrypted, and cannot be replayed")
	case m.Cut:
		if m.Direction == FromClient && m.Dropped == 0 {
			return fmt.Errorf("a message of %d bytes (%s) is not whole in the capture, and cannot be sent", m.Size, m.Name)
		}
	case m.Name == "StartupMessage":
		var err error
		p.startup, err = parameters(m)
		return err
	case m.Direction == FromClient && (m.Type == 0 || m.Name == "PasswordMessage"), m.Name == "EncryptionResponse":
		return nil // how it came in
	case m.Direction == FromClient:
		return p.client(ctx, m)
	}
	if !p.ready {
		p.ready = m.Name == "ReadyForQuery"
		return nil
	}
	if m.Dropped > 0 || m.Name == "NotificationResponse" {
		return nil // those come when they will
	}
	return p.server(ctx, m)
}

// client sends a message.
func (p *playback) client(ctx context.Context, m wire.Message) error {
	if m.Name == "Terminate" || p.told { // close says that
		return nil
	}
	if p.live == nil {
		conn, err := p.replay.Connect(ctx, p.startup)
		if err != nil {
			return err
		}
		p.live = newLive(conn)
		p.replay.result.Connections++
	}
	if wire.HoldsBlanked(m) && !p.skip {
		p.skip = true
		p.replay.result.NotSent++
		p.show("  " + p.prefix() + "-> " + wire.Decode(m) + "\n! is not sent: a password in it is not in the capture\n")
		if m.Name == "CopyData" {
			return p.send(ctx, []byte("f\x00\x00\x00\x05\x00"))
		}
	}
	if p.skip && m.Name != "Sync" {
		return nil
	}
	p.answer.asked(m)
	switch m.Name {
	case "Query", "Sync", "FunctionCall":
		p.owed = append(p.owed, m.Type)
	case "Flush":
		p.flushed = true
	}
	return p.send(ctx, m.Raw)
}

func (p *playback) send(ctx context.Context, b []byte) error {
	if !p.lost && p.live.send(ctx, b) != nil {
		p.lost = true
	}
	return ctx.Err()
}

// server compares a recorded message with the live one.
func (p *playback) server(ctx context.Context, m wire.Message) error {
	if p.live == nil || p.told {
		return nil
	}
	ready := m.Name == "ReadyForQuery"
	if p.skip {
		if !ready {
			return nil
		}
		p.skip, p.answer = false, answer{}
		return p.drain(ctx)
	}
	p.answer.recorded(m)
	if ready {
		return p.finish(ctx, func() bool { return !p.answer.gotReady })
	}
	return p.catchUp(ctx, p.answer.wants)
}

// catchUp receives while more.
func (p *playback) catchUp(ctx context.Context, more func() bool) error {
	for more() {
		got, err := p.receive(ctx)
		if err != nil {
			return err
		}
		if got == nil {
			break
		}
		p.answer.received(*got)
	}
	return nil
}

// finish receives the rest of an answer, while more, and shows how it differs.
func (p *playback) finish(ctx context.Context, more func() bool) error {
	if err := p.catchUp(ctx, more); err != nil {
		return err
	}
	p.replay.result.Answers++
	if text := p.answer.difference(p.prefix(), p.replay.Color); text != "" {
		p.replay.result.Different++
		p.show(text)
		if p.told = p.lost; p.told {
			p.show("! the rest of the connection is not replayed: the server has ended it, or does not answer\n")
		}
	}
	p.answer = p.answer.next()
	return nil
}

// drain receives up to the end of the answer to a request that was sent in part.
func (p *playback) drain(ctx context.Context) error {
	for owed := len(p.owed); owed > 0 && len(p.owed) == owed; {
		if got, err := p.receive(ctx); got == nil || err != nil {
			return err
		}
	}
	return nil
}

// receive returns the server's next message; nil when there will be none.
func (p *playback) receive(ctx context.Context) (*wire.Message, error) {
	for !p.lost && (len(p.owed) > 0 || p.flushed) {
		m, err := p.live.receive(ctx, p.replay.Patience)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			p.lost = true
			return nil, nil
		}
		switch m.Name {
		case "NotificationResponse":
			continue
		case "ReadyForQuery":
			if p.flushed = false; len(p.owed) > 0 {
				p.owed = p.owed[1:]
			}
		case "ErrorResponse":
			p.flushed = false // the server is silent until Sync
		case "CopyInResponse":
			for len(p.owed) > 0 && p.owed[0] == syncType {
				p.owed = p.owed[1:] // the server ignores a Sync while it takes data
			}
		}
		if m.Dropped == 0 {
			return &m, nil
		}
	}
	return nil, nil
}

// end ends the connection. An answer that the recorded client did not wait for is compared as far as it goes.
func (p *playback) end(ctx context.Context) error {
	if !p.answer.begun || p.live == nil || p.told {
		return nil
	}
	return p.finish(ctx, p.answer.wants)
}

func (p *playback) close() {
	if p.live != nil {
		p.live.close()
	}
}

func (p *playback) prefix() string {
	if p.number == 0 {
		return ""
	}
	return fmt.Sprintf("#%d ", p.number)
}

func (p *playback) show(text string) { _, _ = p.replay.Out.Write([]byte(text)) }
