package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// States that callers test for with errors.Is.
var (
	// ErrClosed: the DB has been closed, or its server has ended; the cause is wrapped.
	ErrClosed = errors.New("the database is closed")
	// ErrLocked: another process owns the data directory. The error is a *LockedError.
	ErrLocked = errors.New("the data directory is in use")
	// ErrNoDataDir: Config.DataDir is empty.
	ErrNoDataDir = errors.New("Config.DataDir is empty: name a data directory, or Memory")
	// ErrNotCluster: the directory holds no cluster.
	ErrNotCluster = errors.New("not a PostgreSQL data directory")
	// ErrMemory: Memory was given where a directory is needed.
	ErrMemory = errors.New("a cluster in memory has no directory: name one")
	// ErrNoProgram: the runtime has no program of that name.
	ErrNoProgram = errors.New("the runtime has no such program")
)

// MissingError reports that there is no data directory. It is an ErrNotCluster and an fs.ErrNotExist, too.
type MissingError struct{ Dir string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("data directory %q does not exist", e.Dir)
}

// Is makes errors.Is true for both.
func (e *MissingError) Is(target error) bool {
	return target == ErrNotCluster || target == fs.ErrNotExist
}

// NotClusterError reports a directory that holds no cluster. It is an ErrNotCluster.
type NotClusterError struct {
	Dir         string
	Interrupted bool // a cluster was being made there; that can be done again
}

func (e *NotClusterError) Error() string {
	why := "it has no PG_VERSION"
	if e.Interrupted {
		why = "its making was interrupted"
	}
	return fmt.Sprintf("%q is %v (%s)", e.Dir, ErrNotCluster, why)
}

// Is makes errors.Is(err, ErrNotCluster) true.
func (e *NotClusterError) Is(target error) bool { return target == ErrNotCluster }

// LockedError names the owner of a data directory.
type LockedError struct {
	Dir    string
	PID    int    // of the owner; 0 when it could not be read
	Ending bool   // the owner is shutting down, perhaps after the transactions of processes that are attached to it
	Alone  string // why no other process can attach to the owner, when it knows
	Silent bool   // the owner takes connections, but does not answer: it is stopped, or hangs
}

func (e *LockedError) Error() string {
	who, what := "another pglite process", ": stop that one first"
	if e.PID != 0 {
		who = fmt.Sprintf("pglite process %d", e.PID)
	}
	switch {
	case e.Ending:
		what = ", which is shutting down: wait for its end"
	case e.Silent:
		what = ", which does not answer: it may be stopped; let it go on (kill -CONT), or end it, which loses " +
			"nothing that was committed"
	case e.Alone != "":
		what = fmt.Sprintf(", which others cannot attach to (%s)%s", e.Alone, what)
	}
	return fmt.Sprintf("data directory %q is in use by %s%s", e.Dir, who, what)
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// VersionError tells that a cluster was made by another major version.
type VersionError struct {
	Dir        string
	Have, Need string
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("data directory %q was made by PostgreSQL %s, this runtime is PostgreSQL %s: dump it with the "+
		"version that made it and restore the dump here", e.Dir, e.Have, e.Need)
}

// ServerError tells that the postmaster ended by itself, or did not come up.
type ServerError struct {
	Doing string // "start", "run" or "stop"
	Cause error  // how the process ended
	Log   string // the end of the server's log, at most 4 kB; empty with Config.NoLogInErrors
}

func (e *ServerError) Error() string {
	message := fmt.Sprintf("PostgreSQL ended unexpectedly (%v)", e.Cause)
	switch e.Doing {
	case "start":
		message = fmt.Sprintf("PostgreSQL did not start (%v)", e.Cause)
	case "stop":
		message = fmt.Sprintf("PostgreSQL did not stop cleanly (%v): the next start recovers from the WAL", e.Cause)
	}
	if e.Log != "" {
		message += "; its log ends:\n" + strings.TrimRight(e.Log, "\n")
	}
	return message
}

// Unwrap returns the cause.
func (e *ServerError) Unwrap() error { return e.Cause }
