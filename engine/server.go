package engine

import (
	"context"
	"net"
	"os"
)

// server is what a DB works with: an ownServer, or one that another process runs.
type server interface {
	dial(ctx context.Context) (net.Conn, error)
	runTool(ctx context.Context, t Tool) (exitCode int, err error)
	// own returns the server when this process runs it, or errAttached.
	own() (*ownServer, error)
	dataDir() string
	// dataRoot opens the directory that the server runs on, also when its name has changed or another has its name by
	// now.
	dataRoot() (*os.Root, error)
	// gone tells why the server is not there any more, nil while it is.
	gone() error
	// done is closed when the server has ended, or, when another process runs it, by close.
	done() <-chan struct{}
	close() error
	closeImmediately() error
	release(ctx context.Context) error
}
