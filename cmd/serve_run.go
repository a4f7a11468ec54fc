package cmd

import (
	"context"
	"errors"
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
	last    lastSignal
	ending  bool // a signal has asked for the end
	stale   bool // a signal has asked for a reload
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

// port returns the number that clients know the server by: that of TCP, if it listens there.
func (s *serving) port() uint16 {
	all := s.door.Addresses()
	for _, a := range all {
		if !a.IsUnix() {
			return uint16(a.Port)
		}
	}
	return uint16(all[0].Port)
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
	if err := notifyManager(stateReady); err != nil {
		s.log.Warn(err.Error())
	}
	if len(s.command) == 0 {
		return nil
	}
	var err error
	s.child, err = startChild(s.command, childEnv(s.streams.environ(), s.door.Addresses()[0], s.cfg), s.streams)
	return err
}

// until returns when it is time to end, with the command's exit code if there is one.
func (s *serving) until() error {
	restarts := restarts{}
	for {
		switch {
		case s.child.hasEnded():
			return s.child.status()
		case s.ending:
			return nil
		case s.stale:
			s.stale = false
			if err := s.obeying(s.reload); err != nil && !s.over() {
				s.log.Error("reload", "error", err)
			}
			continue
		}
		select {
		case sig := <-s.signals:
			s.obey(sig)
		case <-s.child.ended():
		case <-s.db.Done():
			err := s.obeying(func(ctx context.Context) error { return s.restart(ctx, &restarts) })
			if err != nil && !s.over() {
				return err
			}
		}
	}
}

// over reports whether it is time to end.
func (s *serving) over() bool { return s.ending || s.child.hasEnded() }

// obey notes what a signal wants. With a command, its end is what ends serve.
func (s *serving) obey(sig os.Signal) {
	switch {
	case sig == syscall.SIGHUP:
		s.stale = true
	case s.last.echoes(sig, time.Now()):
	case s.child == nil:
		s.log.Info("shutting down: clients are disconnected", "signal", sig.String())
		s.ending = true
	case s.child.pass(sig):
		s.log.Warn("the command goes on after a second signal and is killed", "command", s.command[0], "signal", sig.String())
	}
}

// obeying runs do and goes on obeying signals meanwhile. ctx ends when it is time to end.
func (s *serving) obeying(do func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	ended := s.child.ended()
	for {
		select {
		case err := <-done:
			return err
		case sig := <-s.signals:
			s.obey(sig)
		case <-ended:
			ended = nil
		}
		if s.over() {
			cancel()
		}
	}
}

// reloadPatience limits how long the server may take to say whom it trusts after a reload.
const reloadPatience = 10 * time.Second

// reload reads the configuration files again.
func (s *serving) reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reloadPatience)
	defer cancel()
	if err := notifyManager(stateReloading()); err != nil {
		s.log.Warn(err.Error())
	}
	err := errors.Join(s.db.Reload(), s.door.Reload(ctx, s.db))
	_ = notifyManager(stateReady)
	return err
}

// shutDown ends everything: new clients stay out, sessions are ended, the command killed if it still runs. A signal makes it immediate;
// when the server is down already, clients that are slow to take their last messages are not waited for.
func (s *serving) shutDown() error {
	_ = notifyManager(stateStopping)
	s.door.StopListening()
	s.child.kill()
	closed, drained := make(chan error, 1), make(chan error, 1)
	go func() { closed <- s.db.Close() }()
	var err error
	for {
		select {
		case err = <-closed:
			closed = nil
			go func() { drained <- s.door.Close() }()
		case e := <-drained:
			return errors.Join(err, e)
		case sig := <-s.signals:
			switch {
			case sig == syscall.SIGHUP, s.last.echoes(sig, time.Now()):
			case closed == nil:
				return err
			default:
				s.log.Warn("immediate shutdown: the next start recovers", "signal", sig.String())
				_ = s.db.CloseImmediately()
			}
		}
	}
}
