package server

import (
	"context"
	"errors"
	"fmt"
	"net"
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
	accepting   sync.WaitGroup
	stopped     sync.Once

	mu      sync.Mutex
	clients int
	idle    chan struct{} // closed when the last client has gone and no other may come; nil while they may
	closed  bool
}

// Listen opens the sockets. Clients may connect from now on; they wait until Serve.
func Listen(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg.withDefaults()}
	s.ctx, s.cut = context.WithCancel(context.Background())
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
	if s.cfg.RequireTLS && s.certificate.config == nil {
		return errors.New("TLS cannot be required without a certificate and a key")
	}
	for _, l := range s.cfg.Listeners {
		s.listeners = append(s.listeners, &listener{Listener: l})
	}
	if s.cfg.SocketDir != "" {
		l, err := listenUnix(s.cfg.SocketDir, s.cfg.Port)
		if err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
	}
	if s.cfg.TCP != "" {
		l, err := listenTCP(s.cfg.TCP)
		if err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
	}
	if len(s.listeners) == 0 {
		return errors.New("nowhere to listen: give a socket directory or a TCP address")
	}
	return nil
}

// Serve makes sure that the cluster answers a query and that it does not trust the whole network, then lets the clients in. It
// returns at once; clients are served until Close. Called again, it gives later clients another cluster, such as the same data after
// a restart.
func (s *Server) Serve(ctx context.Context, db Cluster) error {
	if err := s.selfTest(ctx, db); err != nil {
		return err
	}
	if err := s.checkTrust(ctx, db); err != nil {
		return err
	}
	if s.cluster.Swap(&db) != nil {
		return nil
	}
	for _, l := range s.listeners {
		s.accepting.Go(func() { s.accept(l) })
	}
	return nil
}

// StopListening closes the sockets and removes their files; clients that are in stay. Idempotent.
func (s *Server) StopListening() {
	s.stopped.Do(func() {
		for _, l := range s.listeners {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				s.cfg.Log.Warn("stop listening", "address", l.Addr().String(), "error", err)
			}
		}
		s.accepting.Wait()
	})
}

// Close stops listening and waits a moment for the clients to take what their sessions have said last, then disconnects them. Shut
// the cluster down before: otherwise open sessions are cut. Idempotent.
func (s *Server) Close() error {
	s.StopListening()
	s.mu.Lock()
	if s.closed = true; s.idle == nil {
		if s.idle = make(chan struct{}); s.clients == 0 {
			close(s.idle)
		}
	}
	idle := s.idle
	s.mu.Unlock()
	timer := time.NewTimer(drainPatience)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
	s.cut()
	<-idle
	return nil
}

// enter counts a client in; it reports false when there are too many.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.clients >= s.cfg.MaxClients {
		return false
	}
	s.clients++
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients--; s.clients == 0 && s.idle != nil {
		close(s.idle)
	}
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

// Reload reads the certificate again, and checks again whom the cluster trusts, after its configuration has been reloaded. What fails
// is told; listeners stay open and the certificate before stays in use.
func (s *Server) Reload(ctx context.Context, db Cluster) error {
	return errors.Join(s.certificate.reload(), s.checkTrust(ctx, db))
}
