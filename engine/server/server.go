package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Server listens for clients of a cluster. All methods are safe for concurrent use.
type Server struct {
	cfg         Config
	listeners   []*listener
	certificate certificate
	cluster     atomic.Pointer[Cluster]
	ctx         context.Context // of all clients
	cut         context.CancelFunc
	handshaking context.Context // of clients that have sent no startup packet yet
	stop        context.CancelCauseFunc
	admission   admission
	accepting   sync.WaitGroup
	stopped     sync.Once
}

// Listen opens the sockets. Clients can connect from then on; they wait until Serve.
func Listen(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg.withDefaults()}
	s.ctx, s.cut = context.WithCancel(context.Background())
	s.handshaking, s.stop = context.WithCancelCause(s.ctx)
	s.admission.limit(cmp.Or(s.cfg.MaxClients, leastClients))
	if err := s.listen(); err != nil {
		s.StopListening()
		s.cut()
		return nil, err
	}
	return s, nil
}

func (s *Server) listen() error {
	if err := s.certificate.load(s.cfg.CertFile, s.cfg.KeyFile); err != nil {
		return err
	}
	for _, l := range s.cfg.Listeners {
		if err := checkName(l); err != nil {
			return err
		}
		s.listeners = append(s.listeners, &listener{Listener: l, activated: true, handshakes: newHandshakes()})
	}
	port := s.cfg.Port
	if s.cfg.TCP != "" {
		l, err := listenTCP(s.cfg.TCP)
		if err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
		if a, ok := l.tcpAddr(); ok && port == 0 {
			port = int(a.Port())
		}
	}
	if s.cfg.SocketDir != "" {
		l, err := listenUnix(s.cfg.SocketDir, cmp.Or(port, defaultPort))
		if err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
	}
	if len(s.listeners) == 0 {
		return errors.New("nowhere to listen: give a socket directory or a TCP address")
	}
	if (s.cfg.CertFile != "" || s.cfg.RequireTLS) && !slices.ContainsFunc(s.listeners, (*listener).isTCP) {
		return ErrNoTCP
	}
	return nil
}

// ErrNoTCP means that a certificate or RequireTLS was given without a TCP address: PostgreSQL has no TLS on Unix-domain
// sockets.
var ErrNoTCP = errors.New("TLS is for TCP clients: give a TCP address, too")

// ErrNoCertificate means that RequireTLS was given without a certificate, and the server's parameter ssl is off.
var ErrNoCertificate = errors.New("TLS cannot be required without a certificate and a key")

// Serve checks that the cluster answers a query and does not trust other machines, then accepts clients. It returns at
// once; clients are served until Close. Called again, it gives later clients another cluster, such as the same data
// after a restart. Errors: ErrTrusting, ErrTrustUnknown,
// ErrNoCertificate, and those of the self-test.
func (s *Server) Serve(ctx context.Context, db Cluster) error {
	if err := s.selfTest(ctx, db); err != nil {
		return err
	}
	if err := s.checkTrust(ctx, db); err != nil {
		return err
	}
	if s.cfg.RequireTLS && s.certificate.config == nil && db.TLSConfig() == nil {
		return ErrNoCertificate
	}
	if s.cluster.Swap(&db) != nil {
		return nil
	}
	for _, l := range s.listeners {
		s.accepting.Go(func() { s.accept(l) })
	}
	return nil
}

// StopListening closes the sockets and removes their files; sessions go on. Clients that have sent no startup packet
// yet are refused with SQLSTATE 57P03. Idempotent.
func (s *Server) StopListening() {
	s.stopped.Do(func() {
		for _, l := range s.listeners {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				s.cfg.Log.Warn("stop listening", "address", l.Addr().String(), "error", err)
			}
		}
		s.stop(errClosing)
		s.accepting.Wait()
	})
}

// Close stops listening, waits up to two seconds until clients have read the last messages of their sessions, and
// disconnects them. Shut the cluster down before, or open sessions are cut. Idempotent.
func (s *Server) Close() error {
	s.StopListening()
	gone := s.admission.drained()
	timer := time.NewTimer(drainPatience)
	defer timer.Stop()
	select {
	case <-gone:
	case <-timer.C:
	}
	s.cut()
	<-gone
	return nil
}

// Start is Listen and Serve.
func Start(ctx context.Context, db Cluster, cfg Config) (*Server, error) {
	s, err := Listen(cfg)
	if err != nil {
		return nil, err
	}
	if err := s.Serve(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), s.Close())
	}
	return s, nil
}

// Reload reads the certificate again and checks again whom the cluster trusts. Call it after a reload of the cluster's
// configuration. If it fails, the listeners stay open and the previous certificate stays in use.
func (s *Server) Reload(ctx context.Context, db Cluster) error {
	return errors.Join(s.certificate.reload(), s.checkTrust(ctx, db))
}
