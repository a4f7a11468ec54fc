package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pglite-toolbox/pglite/engine/server"
)

// serving is one run of serve.
type serving struct {
	cfg      clusterConfig
	log      *slog.Logger
	out      io.Writer
	streams  Streams
	printURI bool
	command  []string
	open     func(context.Context) (servedCluster, error)

	db      servedCluster
	door    *server.Server
	signals chan os.Signal
	child   *child // nil without a command
}

// run opens the door and the cluster, lets the clients in and ends it all when told to.
func (s *serving) run(ctx context.Context, config server.Config) (err error) {
	s.signals = make(chan os.Signal, 4)
	signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(s.signals)
	if s.door, err = server.Listen(config); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return errors.Join(err, s.door.Close())
	}
	if err := s.announce(); err != nil {
		return errors.Join(err, s.shutDown())
	}
	err = s.until()
	return errors.Join(err, s.shutDown())
}

// start opens the cluster and lets the clients in.
func (s *serving) start(ctx context.Context) error {
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.db = db
	if err := s.door.Serve(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// announce says that the server is ready, in one line, and starts the command.
func (s *serving) announce() error {
	var uris []string
	for _, a := range s.door.Addresses() {
		uris = append(uris, a.URI(s.cfg.User, s.cfg.Database))
	}
	s.log.Info("ready", "uri", uris[0], "also", uris[1:])
	if s.printURI {
		if err := printURIs(s.out, uris); err != nil {
			return err
		}
	}
	if err := server.Notify(server.Ready); err != nil {
		s.log.Warn(err.Error())
	}
	if len(s.command) == 0 {
		return nil
	}
	var err error
	s.child, err = startChild(s.command, childEnv(os.Environ(), s.door.Addresses()[0], s.cfg), s.streams)
	return err
}

// until returns when it is time to end, with the command's exit code if there is one.
func (s *serving) until() error {
	restarts := restarts{}
	for {
		select {
		case sig := <-s.signals:
			switch {
			case sig == syscall.SIGHUP:
				s.reload()
			case s.child == nil:
				s.log.Info("shutting down: clients are disconnected", "signal", sig.String())
				return nil
			default:
				s.child.pass(sig)
			}
		case <-s.child.ended():
			return s.child.status()
		case <-s.db.Done():
			if err := s.restart(&restarts); err != nil {
				return err
			}
		}
	}
}

// reload reads the configuration files again.
func (s *serving) reload() {
	if err := server.Notify(server.Reloading()); err != nil {
		s.log.Warn(err.Error())
	}
	err := errors.Join(s.db.Reload(), s.door.Reload(context.Background(), s.db))
	if err != nil {
		s.log.Error("reload", "error", err)
	}
	_ = server.Notify(server.Ready)
}

// restarts counts how often the server has ended by itself of late.
type restarts struct {
	count int
	last  time.Time
}

// A server that ended by itself is started again, unless that has happened too often within the time.
const (
	mostRestarts = 5
	restartsIn   = time.Minute
)

// restart starts the server again over the same data.
func (s *serving) restart(r *restarts) error {
	cause := errors.Join(s.db.Err(), s.db.Close())
	if time.Since(r.last) > restartsIn {
		r.count = 0
	}
	r.count, r.last = r.count+1, time.Now()
	if r.count > mostRestarts {
		return fmt.Errorf("the server has ended %d times in short order: %w", r.count, cause)
	}
	s.log.Error("the server has ended by itself and is started again", "error", cause)
	return s.start(context.Background())
}

// shutDown ends everything: new clients stay out, sessions are ended, the command killed if it still runs.
func (s *serving) shutDown() error {
	_ = server.Notify(server.Stopping)
	s.door.StopListening()
	s.child.kill()
	closed := make(chan error, 1)
	go func() { closed <- s.db.Close() }()
	for {
		select {
		case err := <-closed:
			return errors.Join(err, s.door.Close())
		case sig := <-s.signals:
			if sig == syscall.SIGHUP {
				continue
			}
			s.log.Warn("immediate shutdown: the next start recovers", "signal", sig.String())
			_ = s.db.CloseImmediately()
		}
	}
}
