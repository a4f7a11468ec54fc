package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// Program is a compiled program of the guest. Implementations are safe for concurrent use.
type Program interface {
	// New makes a fresh instance for p, which has not run yet.
	New(p *Process) (Instance, error)
}

// Ptr is an address in a process's linear memory; 0 is NULL.
type Ptr uint32

// Instance is a process's code and memory. It belongs to the process's goroutine.
type Instance interface {
	Memory() *memory.Region
	// Signals is the guest address of struct pglite_signals, or 0 when the program has none.
	Signals() Ptr
	// Fork makes an instance for child with a copy of this one's memory.
	Fork(child *Process) (Instance, error)
	// Run runs the program from its beginning, or a forked copy from where a child begins, to its end.
	// The error tells of a trap; an exit is not an error.
	Run(forked bool) (Status, error)
	// Exit ends the run with a status: it unwinds the guest's code and does not return.
	Exit(Status)
	// Close frees the memory.
	Close() error
}

// Config configures a Kernel. The zero value of each field but Files and Program works.
type Config struct {
	// Files is the tree that all processes see, but for those that have their own by Command.Files.
	Files *vfs.Tree
	// Program finds a program by the base name of its path; it returns an error for an unknown one.
	Program func(ctx context.Context, name string) (Program, error)
	// Now is the clock of CLOCK_REALTIME; nil means time.Now.
	Now func() time.Time
	// FirstPID is where process identifiers begin; 0 means at a random number, so that those of the last run are not
	// met again.
	FirstPID int32
	// Ended is told of each process that has not ended with exit status 0, before its parent can learn of it.
	Ended func(End)
	// NoMemory is told why the host gave no memory, of which the guest learns ENOMEM only.
	NoMemory func(error)
	// TLS takes TLS off connections; nil means that nobody does.
	TLS TLSHost
	// Interfaces returns the addresses of the host's network interfaces, with their networks; nil means that there are
	// none.
	Interfaces func() ([]netip.Prefix, error)
}

// noMemory is the guest's error when the host gives no memory.
func (k *Kernel) noMemory(err error) error {
	if k.cfg.NoMemory != nil {
		k.cfg.NoMemory(err)
	}
	return errno.ENOMEM
}

// End is the end of a process.
type End struct {
	PID    int32
	Parent int32 // 1 for none
	Status Status
	Err    error // of a trap or a host panic

	ignored uint32
}

// Ignored reports whether the process ignored a signal.
func (e End) Ignored(sig Signal) bool { return e.ignored&sig.bit() != 0 }

// Kernel is the state that processes share. Safe for concurrent use.
type Kernel struct {
	cfg    Config
	start  time.Time
	ctx    context.Context
	cancel context.CancelFunc

	mu        sync.Mutex
	processes map[int32]*Process
	nextPID   int32
	closed    bool
	running   sync.WaitGroup

	futexes futexTable
	shm     sharedMemory
	sockets socketNames
}

// New makes a kernel without processes.
func New(cfg Config) *Kernel {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.FirstPID == 0 {
		cfg.FirstPID = FirstPID + rand.Int32N(pidSpread)
	}
	k := &Kernel{cfg: cfg, start: time.Now(), processes: map[int32]*Process{}, nextPID: cfg.FirstPID}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	k.shm.noMemory = k.noMemory
	k.shm.init()
	k.sockets.init()
	return k
}

// Files returns the tree that all processes see.
func (k *Kernel) Files() *vfs.Tree { return k.cfg.Files }

// Command describes a process to start.
type Command struct {
	Program string   // base name
	Args    []string // argv, the program's own path first
	Env     []string // NAME=VALUE
	Dir     string   // working directory in the guest; "/" when empty
	// Files is what the process and its children see; nil means Config.Files.
	Files *vfs.Tree
	// A nil Stdin is empty, a nil Stdout or Stderr takes everything; when both are one writer, its Writes come one
	// after the other. A Write that does not return keeps the process, and Close, waiting; a Read keeps only a
	// goroutine, and what it has read is lost when the process ends.
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Terminal tells for descriptors 0, 1 and 2 whether they are a terminal, and its size; nil means none is.
	Terminal *Terminal
	// Descriptors is how many descriptors the process and each of its children may have; 0 means 1024.
	Descriptors int
}

// ErrClosed is the error of Start after Close.
var ErrClosed = errors.New("the kernel is closed")

// Start starts a process that no guest process is the parent of. ctx is for finding the program, not for its run.
func (k *Kernel) Start(ctx context.Context, c Command) (*Process, error) {
	program, err := k.cfg.Program(ctx, c.Program)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Program, err)
	}
	p, err := k.newProcess(nil)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Program, err)
	}
	p.args, p.env, p.program = c.Args, c.Env, program
	if c.Dir != "" {
		p.cwd = c.Dir
	}
	if c.Files != nil {
		p.files = c.Files
	}
	p.fds.limit = c.Descriptors
	out, errs := hostOutputs(c.Stdout, c.Stderr, c.Terminal)
	p.standard = [3]*hostStream{hostInput(c.Stdin, c.Terminal.at(0)), out, errs}
	for fd, o := range p.standard {
		p.fds.set(fd, newDescription(o, min(fd, vfs.O_WRONLY)), false)
	}
	if err := p.load(program); err != nil {
		p.abandon()
		return nil, fmt.Errorf("start %s: %w", c.Program, err)
	}
	k.launch(p, false)
	return p, nil
}

// launch starts the goroutine of p, which newProcess has counted.
func (k *Kernel) launch(p *Process, forked bool) {
	go func() {
		defer k.running.Done()
		p.run(forked)
	}()
}

// Close kills every process and waits for their ends. Idempotent. A process, and what [Config] calls in one, must not
// call it.
func (k *Kernel) Close() error {
	k.mu.Lock()
	k.closed = true
	all := make([]*Process, 0, len(k.processes))
	for _, p := range k.processes {
		all = append(all, p)
	}
	k.mu.Unlock()
	k.cancel()
	for _, p := range all {
		p.kill()
	}
	k.running.Wait()
	k.shm.close()
	return nil
}

// clockRealtime is the number of the wall clock, as the guest's library passes it.
const clockRealtime = 0

// Clock returns a clock's time in nanoseconds: 0 is the time since 1970, all others the time since the kernel began.
func (k *Kernel) Clock(clock int32) int64 {
	if clock == clockRealtime {
		return k.cfg.Now().UnixNano()
	}
	return int64(time.Since(k.start))
}
