package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signalError is why a context ended: a signal came. It is a context.Canceled.
type signalError struct{ number int }

func (e *signalError) Error() string { return fmt.Sprintf("signal %d", e.number) }

// Unwrap returns what a context is cancelled with otherwise.
func (e *signalError) Unwrap() error { return context.Canceled }

// exitSignal is added to a signal's number for the exit code of a program that the signal ended, as shells have it.
const exitSignal = 128

// notifyContext returns a context that ends when a signal to end comes, with a *signalError as its cause.
func notifyContext(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			number, _ := s.(syscall.Signal)
			cancel(&signalError{int(number)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// bySignal gives an error that a signal has brought about the exit code for that. Where a terminal sends no signals, at the
// question for a password, Ctrl-C counts as one.
func bySignal(ctx context.Context, err error) error {
	ended, status := &signalError{int(syscall.SIGINT)}, exitStatus(0)
	signalled := errors.As(err, &ended) || errors.As(context.Cause(ctx), &ended)
	if err == nil || errors.As(err, &status) || !signalled && !errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(exitStatus(exitSignal+ended.number), err)
}
