package server

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// The pause after an accept that failed, as when the program has no file descriptors left, grows from the first to the second.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

// accept lets clients in until the listener is closed.
func (s *Server) accept(l *listener) {
	pause := shortestPause
	for {
		client, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.cfg.Log.Warn("accept a connection", "error", err)
			time.Sleep(pause)
			pause = min(2*pause, longestPause)
			continue
		}
		pause = shortestPause
		if !s.enter() {
			go refuse(client, "53300", "sorry, too many clients already")
			continue
		}
		go func() {
			defer s.leave()
			s.serve(client)
		}()
	}
}

// serve runs a client's session.
func (s *Server) serve(client net.Conn) {
	ready, err := s.negotiate(s.ctx, client)
	if err != nil {
		s.turnAway(client, err)
		return
	}
	if err := (*s.cluster.Load()).ServeConn(s.ctx, ready); err != nil {
		s.cfg.Log.Info("session ended", "client", client.RemoteAddr().String(), "error", err)
	}
}

// turnAway ends a client that did not come as far as a startup packet.
func (s *Server) turnAway(client net.Conn, err error) {
	if errors.Is(err, errPlain) { // it has spoken already
		refuse(client, "28000", "this server takes TLS connections only")
		return
	}
	_ = client.Close()
	if !errors.Is(err, io.EOF) { // a port scan, a health check
		s.cfg.Log.Info("client turned away", "client", client.RemoteAddr().String(), "error", err)
	}
}

// refusalPatience is how long the refusal of a client may take.
const refusalPatience = time.Second

// refuse tells a client why it is turned away, the way a server does before authentication
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-START-UP). It reads what the client says first: many do not
// listen before they have spoken, and closing with bytes unread would take the answer back.
func refuse(client net.Conn, code, message string) {
	defer client.Close()
	response := &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: message}
	b, err := response.Encode(nil)
	if err != nil {
		return
	}
	_ = client.SetDeadline(time.Now().Add(refusalPatience))
	said := make([]byte, 1<<10)
	if _, err := client.Read(said); err != nil {
		return
	}
	if _, err := client.Write(b); err != nil {
		return
	}
	if c, ok := client.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	for _, err = client.Read(said); err == nil; _, err = client.Read(said) {
	}
}
