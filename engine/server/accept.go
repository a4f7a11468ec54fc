package server

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/refusal"
)

// The pause after an accept that failed, as when the program has no file descriptors left, grows from the first to the
// second.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

// accept accepts clients until the listener is closed.
func (s *Server) accept(l *listener) {
	pause := shortestPause
	for {
		l.handshakes.wait(s.handshaking)
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
		s.admission.add()
		go func() {
			defer s.admission.remove()
			s.serve(l, client)
		}()
	}
}

// serve runs a client's session.
func (s *Server) serve(l *listener, client net.Conn) {
	ready, err := s.negotiate(l, client)
	if err != nil {
		s.reject(client, err)
		return
	}
	wants := sessionSlot
	if cancels(ready) {
		wants = cancelSlot
	}
	if !s.admission.acquire(wants) {
		s.refuse(ready, refusal.TooManyClients)
		return
	}
	defer s.admission.release(wants)
	if err := (*s.cluster.Load()).ServeConn(s.ctx, ready); err != nil {
		s.cfg.Log.Info("session ended", "client", client.RemoteAddr().String(), "error", err)
	}
}

// reject ends a client that has sent no startup packet.
func (s *Server) reject(client net.Conn, err error) {
	var early *earlyDataError
	switch {
	case errors.As(err, &early):
		s.cfg.Log.Warn("client refused", "client", client.RemoteAddr().String(), "error", err)
		s.refuse(client, early.reason)
	case errors.Is(err, errPlain):
		s.refuse(client, refusal.TLSRequired)
	case errors.Is(err, errTooManyHandshakes):
		s.refuse(client, refusal.TooManyClients)
	case errors.Is(err, errClosing):
		s.refuse(client, refusal.ShuttingDown)
	default:
		_ = client.Close()
		if !errors.Is(err, io.EOF) { // a port scan, a health check
			s.cfg.Log.Info("client refused", "client", client.RemoteAddr().String(), "error", err)
		}
	}
}

// refuse sends a client the reason. When many are refused at once, it does not wait until the client has read that.
func (s *Server) refuse(client net.Conn, why refusal.Reason) {
	if !s.admission.acquire(refusalSlot) {
		refusal.SendBriefly(client, why)
		return
	}
	defer s.admission.release(refusalSlot)
	refusal.Send(client, why)
}
