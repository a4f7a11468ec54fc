package kernel

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// FirstPID is the lowest process identifier: Linux's PID_MAX_LIMIT. So a number in a file that the guest has left is no
// process of the host's. A process without a parent reports 1 as its parent. Numbering begins somewhere in the next
// pidSpread numbers, so that files which an earlier kernel's processes left name other processes than this one's.
const (
	FirstPID  = 1 << 22
	pidSpread = 1 << 20
)

// Process is a guest process. Methods that are named after system calls belong to the process's own
// goroutine; Signal, Wait and PID are safe from any.
type Process struct {
	k       *Kernel
	pid     int32
	args    []string
	env     []string
	program Program
	inst    Instance
	mem     []byte
	region  *memory.Region

	parker parker
	waiter waiter      // of await
	polled []waiter    // of Poll
	futex  futexWaiter // of FutexWait
	killed atomic.Bool
	fds    descriptors

	standard [3]*hostStream // of a process that Start has made

	files *vfs.Tree // what the process sees; a child sees the same
	cwd   string
	umask uint32

	mu     sync.Mutex
	words  *signalWords // nil before the instance is made and after it is gone
	early  uint32       // signals raised before words was set
	asked  Signal       // what the parent has sent last for the process to do something
	timer  intervalTimer
	parent *Process           // under Kernel.mu, as are the next four
	forked map[int32]*Process // the children that have not been waited for
	group  int32
	status Status
	zombie bool

	children waitQueue // for a parent in wait
	done     chan struct{}
}

// PID returns the process identifier.
func (p *Process) PID() int32 { return p.pid }

// Kernel returns the kernel that p runs on.
func (p *Process) Kernel() *Kernel { return p.k }

// Args returns argv, Env the environment as NAME=VALUE.
func (p *Process) Args() []string { return p.args }

// Env returns the environment as NAME=VALUE.
func (p *Process) Env() []string { return p.env }

// Memory returns p's linear memory as far as it is in use. Only p's goroutine may use it, until the memory grows.
func (p *Process) Memory() []byte { return p.mem }

// UseMemory tells how much of the reservation is in use. The instance calls it in p's goroutine when it begins to run
// and when its memory has grown: what lies behind must not be touched, on Windows it is not even there.
func (p *Process) UseMemory(size uint64) {
	if p.region != nil {
		p.mem = p.region.Bytes()[:size]
	}
}

// newProcess makes a process that Close waits for: launch or abandon it. It fails with ErrClosed after Close, but not
// for a child, which is born killed then.
func (k *Kernel) newProcess(parent *Process) (*Process, error) {
	p := &Process{
		k: k, parker: newParker(), files: k.cfg.Files, cwd: "/", umask: 0o77, parent: parent,
		done: make(chan struct{}),
	}
	if parent != nil {
		p.files = parent.files
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed && parent == nil {
		return nil, ErrClosed
	}
	p.killed.Store(k.closed)
	k.running.Add(1)
	p.pid = k.freePID()
	p.group = p.pid
	if parent != nil {
		parent.forks(p)
		p.group = parent.group
	}
	k.processes[p.pid] = p
	return p, nil
}

const lastPID = 2*FirstPID - 1

// forks makes c a child of p; Kernel.mu is held.
func (p *Process) forks(c *Process) {
	if p.forked == nil {
		p.forked = map[int32]*Process{}
	}
	p.forked[c.pid] = c
}

// freePID returns the next number that no process has; k.mu is held.
func (k *Kernel) freePID() int32 {
	for {
		pid := k.nextPID
		if k.nextPID++; k.nextPID > lastPID {
			k.nextPID = FirstPID
		}
		if k.processes[pid] == nil {
			return pid
		}
	}
}

// NewestPID returns the identifier that was given last.
func (k *Kernel) NewestPID() int32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.nextPID - 1
}

// load makes the instance of a process that has not run yet.
func (p *Process) load(program Program) error {
	inst, err := made(func() (Instance, error) { return program.New(p) })
	if err != nil {
		return err
	}
	p.adopt(inst)
	return nil
}

// made runs f, which makes an instance. A panic in it, because there is no address space, say, is an error: neither the
// caller, which for a fork is the postmaster, nor the program may end of that.
func made(f func() (Instance, error)) (inst Instance, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			inst, err = nil, fmt.Errorf("host panic: %w\n%s", r, debug.Stack())
		case error:
			inst, err = nil, r
		default:
			inst, err = nil, fmt.Errorf("host panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// adopt takes inst for p's code and memory.
func (p *Process) adopt(inst Instance) {
	p.inst = inst
	if p.region = inst.Memory(); p.region != nil {
		p.mem = p.region.Bytes()
	}
	if at := inst.Signals(); at != 0 {
		p.mu.Lock()
		p.words = signalWordsAt(p.mem, at)
		p.words.pending.Store(p.early)
		p.mu.Unlock()
	}
}

// run runs the program to its end and ends the process.
func (p *Process) run(forked bool) {
	status, err := Signaled(SIGKILL), error(nil)
	if !p.killed.Load() {
		status, err = p.contain(forked)
	}
	if p.killed.Load() {
		err = nil // what a killed process ends with is no trap
	}
	if p.k.cfg.Ended != nil && (err != nil || status != Exited(0)) {
		p.k.cfg.Ended(End{PID: p.pid, Parent: p.Getppid(), Status: status, Err: err, ignored: p.ignored()})
	}
	p.exit(status)
}

// contain turns a panic of the host into the end of the process.
func (p *Process) contain(forked bool) (status Status, err error) {
	defer func() {
		if r := recover(); r != nil {
			status, err = Signaled(SIGABRT), fmt.Errorf("host panic in process %d: %v\n%s", p.pid, r, debug.Stack())
		}
	}()
	return p.inst.Run(forked)
}

// abandon ends a process that never ran, as if it had never been: its parent learns nothing of it.
func (p *Process) abandon() {
	p.k.mu.Lock()
	if p.parent != nil {
		delete(p.parent.forked, p.pid)
		p.parent = nil
	}
	p.k.mu.Unlock()
	p.exit(Signaled(SIGKILL))
	p.k.running.Done()
}

func (p *Process) exit(status Status) {
	p.mu.Lock()
	p.words = nil
	p.timer.stop()
	p.mu.Unlock()
	p.fds.closeAll()
	p.k.shm.detachAll(p)
	if p.inst != nil {
		_ = p.inst.Close()
	}
	p.inst, p.region, p.mem = nil, nil, nil // whoever keeps p need not keep its memory
	p.k.bury(p, status)
	close(p.done)
}

// bury makes p a zombie for its parent, and its children orphans.
func (k *Kernel) bury(p *Process, status Status) {
	k.mu.Lock()
	p.status, p.zombie = status, true
	for _, c := range p.forked {
		c.parent = nil
		if c.zombie {
			delete(k.processes, c.pid)
		}
	}
	p.forked = nil
	parent := p.parent
	if parent == nil {
		delete(k.processes, p.pid)
	}
	k.mu.Unlock()
	if parent != nil {
		parent.raise(SIGCHLD)
		parent.children.wake()
	}
}

// Wait waits for the end of p, from outside the guest.
func (p *Process) Wait(ctx context.Context) (Status, error) {
	select {
	case <-p.done:
		return p.status, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Done is closed when p has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Fork makes a child with a copy of p's memory and descriptors; it runs from pglite_child_main.
func (p *Process) Fork() (int32, error) {
	c, err := p.k.newProcess(p)
	if err != nil {
		return 0, errno.EAGAIN
	}
	c.args, c.env, c.cwd, c.umask, c.program = p.args, p.env, p.cwd, p.umask, p.program
	c.fds.copyFrom(&p.fds)
	inst, err := made(func() (Instance, error) { return p.inst.Fork(c) })
	if err != nil {
		c.abandon()
		return 0, p.k.noMemory(err)
	}
	p.k.shm.inherit(p, c)
	c.adopt(inst)
	p.k.launch(c, true)
	return c.pid, nil
}

// Getppid returns the parent's identifier, 1 when there is none.
func (p *Process) Getppid() int32 {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	if p.parent == nil {
		return 1
	}
	return p.parent.pid
}

// Setsid makes p the leader of a process group of its own.
func (p *Process) Setsid() int32 {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.group = p.pid
	return p.pid
}

// Umask sets the file mode creation mask and returns the one before.
func (p *Process) Umask(mask uint32) uint32 {
	old := p.umask
	p.umask = mask & 0o777
	return old
}

// Exit ends p from inside a host call; it does not return.
func (p *Process) Exit(status Status) { p.inst.Exit(status) }

// Die ends p as the default action of sig does; it does not return.
func (p *Process) Die(sig Signal) { p.inst.Exit(Signaled(sig)) }

// CheckKilled does not return when SIGKILL has been sent.
func (p *Process) CheckKilled() {
	if p.killed.Load() {
		p.Die(SIGKILL)
	}
}
