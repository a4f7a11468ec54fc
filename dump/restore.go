package dump

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
)

// Restore loads a dump: SQL through psql, archives and directories through pg_restore
// (https://www.postgresql.org/docs/18/app-pgrestore.html). It stops at the first error unless Continue is set.
type Restore struct {
	File     string // of the host; "-" is Stdin
	Database string // to restore into
	// Args are options for pg_restore. SQL takes only --no-owner, --no-privileges and their short names.
	Args     []string
	Single   bool // one transaction
	Continue bool // go on after errors
	// CreateRoles makes the roles that the dump names and the cluster does not have, without a password and without
	// LOGIN. It reads an archive twice, so that standard input will not do for one. Args that restore no schema of an
	// archive are refused.
	CreateRoles bool
	User        string   // whom Env makes connect: pg_dumpall's output creates that role, which is there
	Env         []string // as in Dump
	Dir         string   // as in Dump

	Stdin          io.Reader
	Stdout, Stderr io.Writer // nil drops what is written
	// Progress is told now and then how many bytes of the file were read; total is 0 when its size is not known.
	Progress func(read, total int64)
}

// ErrPlain tells that options were given that only an archive or a directory has a use for.
var ErrPlain = errors.New("the dump is SQL, of which no part can be chosen " +
	"(pg_dump -Fc makes dumps of which that is possible)")

// Run restores and returns the program's exit code: 0 fine, otherwise psql's or pg_restore's, which has said on Stderr
// what is wrong. SQL of which a part has failed is 3, with Continue too. The error tells that it could not run or was
// cancelled.
//
// A dump may be a stranger's. psql sees no file of the host, and obeys none of the dump's commands that reads a file,
// writes one, runs a program or connects elsewhere. pg_restore sees, to read, an archive that is a directory or the
// directory that the archive is in, and those of the files that Args name; of standard input it sees the working
// directory when there are Args. With --file it may write there.
func (r Restore) Run(ctx context.Context, to Runner) (exitCode int, err error) {
	name := r.File
	if name != "-" {
		name = absolute(r.Dir, name)
	}
	s, err := openSource(name, r.Stdin)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
	}()
	if s.count != nil && r.Progress != nil {
		defer r.watch(s)()
	}
	if s.kind == plain {
		return r.plain(ctx, to, s)
	}
	return r.archive(ctx, to, s, name)
}

// The names of options that SQL has a use for, too.
var (
	noOwner      = []string{"--no-owner", "-O"}
	noPrivileges = []string{"--no-privileges", "--no-acl", "-x"}
)

// plain runs psql, which reads the dump from its standard input and sees no file.
func (r Restore) plain(ctx context.Context, to Runner, s *source) (int, error) {
	for _, arg := range r.Args {
		if !slices.Contains(noOwner, arg) && !slices.Contains(noPrivileges, arg) {
			return 0, fmt.Errorf("%s: %w: leave %s out", r.File, ErrPlain, arg)
		}
	}
	key := rand.Text()
	args := []string{"-X", "-q", "-w", "-d", r.Database} // a password would be read from the dump
	if !r.Continue {
		args = append(args, "-v", "ON_ERROR_STOP=1")
	}
	if r.Single {
		args = append(args, "-1")
	}
	errs := &psqlErrors{w: r.Stderr}
	// Results are of the dump's own SELECTs that set something: nobody asked for them.
	t := engine.Tool{Name: "psql", Args: append(args, "-c", `\restrict `+key, "-f", "-"), Env: r.Env, Stderr: errs}
	var sql *script
	code, broken, err := r.fed(ctx, to, t, r.Continue, func(cut func(error)) io.Reader {
		sql = &script{
			r: s.r, user: r.User, key: key, cut: cut, createRoles: r.CreateRoles, created: map[string]bool{},
			noOwner: r.has(noOwner...), noPrivileges: r.has(noPrivileges...),
		}
		return sql
	})
	if broken != nil {
		return code, r.advised(broken)
	}
	if code == 0 && errs.n > 0 {
		code = scriptError
	}
	if err == nil && code != 0 {
		err = r.explained(sql.refused, errs.n)
	}
	return code, err
}

// fed runs a program on what input returns, which calls cut, once or more, when the data ends before its end. The
// program is ended then, unless it is patient, and broken tells why.
func (r Restore) fed(ctx context.Context, to Runner, t engine.Tool, patient bool,
	input func(cut func(error)) io.Reader,
) (code int, broken, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var why atomic.Pointer[error]
	ended := make(chan struct{})
	defer close(ended)
	t.Stdin = input(func(err error) {
		if why.CompareAndSwap(nil, &err) && !patient {
			cancel()
			<-ended // no Runner waits for this
		}
	})
	code, err = start(ctx, to, t)
	if e := why.Load(); e != nil {
		broken = *e
	}
	return code, broken, err
}

// BrokenError reports a dump that is not whole or damaged. Restore.Continue loads what there is.
type BrokenError struct {
	File string
	Err  error
}

func (e *BrokenError) Error() string { return fmt.Sprintf("%s: %v; dump it again", e.File, e.Err) }

// Unwrap returns what is wrong with the dump.
func (e *BrokenError) Unwrap() error { return e.Err }

// advised says what to do about a dump that is broken.
func (r Restore) advised(err error) error {
	if r.Continue {
		return fmt.Errorf("%s: %w", r.File, err)
	}
	return &BrokenError{r.File, err}
}

// progressPeriod is how often Progress is told.
const progressPeriod = 200 * time.Millisecond

// watch tells Progress until the function that it returns is called, and once more then.
func (r Restore) watch(s *source) (stop func()) {
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(progressPeriod)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				r.Progress(s.count.n.Load(), s.size)
				return
			case <-ticker.C:
				r.Progress(s.count.n.Load(), s.size)
			}
		}
	}()
	return func() {
		close(ended)
		<-stopped
	}
}

// countingFile counts what is read.
type countingFile struct {
	r io.Reader
	n atomic.Int64
}

func (c *countingFile) Read(b []byte) (int, error) {
	if c.r == nil {
		return 0, fmt.Errorf("there is no standard input: %w", io.EOF)
	}
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}
