package server

import (
	"errors"
	"io"
	"net"

	"github.com/pglite-toolbox/pglite/engine/internal/refusal"
	"github.com/pglite-toolbox/pglite/internal/accepting"
)

// accept accepts clients until the listener is closed.
func (s *Server) accept(l *listener) {
	next := func() (net.Conn, error) {
		l.handshakes.wait(s.handshaking)
		return l.Accept()
	}
	accepting.Each(s.ctx, next, func(err error) {
		s.cfg.Log.Warn("accept a connection", "error", err)
	}, func(client net.Conn) {
		s.admission.add()
		go func() {
			defer s.admission.remove()
			s.serve(l, client)
		}()
	})
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
