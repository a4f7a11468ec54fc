package kernel

import (
	"sync/atomic"
	"unsafe"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Signal is a signal number, Linux's.
type Signal int32

// The signals that the kernel itself raises or that its users name.
const (
	SIGHUP  Signal = 1
	SIGINT  Signal = 2
	SIGQUIT Signal = 3
	SIGABRT Signal = 6
	SIGKILL Signal = 9
	SIGSEGV Signal = 11
	SIGPIPE Signal = 13
	SIGUSR2 Signal = 12
	SIGALRM Signal = 14
	SIGTERM Signal = 15
	SIGCHLD Signal = 17
	SIGURG  Signal = 23

	lastSignal Signal = 31
)

func (s Signal) bit() uint32 { return 1 << (s - 1) }

// signalWords is struct pglite_signals in the guest's memory (runtime/libc/abi.h).
type signalWords struct {
	pending, blocked, ignored, ready atomic.Uint32
}

func signalWordsAt(mem []byte, at Ptr) *signalWords {
	b := mem[at : at+Ptr(unsafe.Sizeof(signalWords{}))]
	return (*signalWords)(unsafe.Pointer(unsafe.SliceData(b)))
}

// deliverable reports whether a signal is pending that a handler or a default action waits for.
func (w *signalWords) deliverable() bool {
	return w.pending.Load()&^w.blocked.Load()&^w.ignored.Load() != 0
}

// raise makes sig pending for p and ends its wait. A process without signal words, which is one
// that has just begun or has ended, keeps it for later or forgets it.
func (p *Process) raise(sig Signal) {
	if sig == SIGKILL {
		p.kill()
		return
	}
	p.mu.Lock()
	p.raiseLocked(sig)
	p.mu.Unlock()
}

// raiseLocked is raise for other signals than SIGKILL, with p.mu held.
func (p *Process) raiseLocked(sig Signal) {
	switch w := p.words; {
	case w == nil:
		p.early |= sig.bit()
	case w.ignored.Load()&sig.bit() == 0:
		w.pending.Or(sig.bit())
	default:
		return
	}
	p.parker.unpark()
}

// kill ends p at its next host call, which the loop hook makes soon.
func (p *Process) kill() {
	p.killed.Store(true)
	p.parker.unpark()
}

// Killed reports whether SIGKILL has been sent: the process must not go on.
func (p *Process) Killed() bool { return p.killed.Load() }

// Signal sends sig to p from outside the guest; a number that is no signal's is ignored.
func (p *Process) Signal(sig Signal) {
	if sig > 0 && sig <= lastSignal {
		p.raise(sig)
	}
}

// interrupted reports whether a wait must end with EINTR.
func (p *Process) interrupted() bool {
	return p.killed.Load() || p.words != nil && p.words.deliverable()
}

// Kill is kill(2): a process, a process group (negative pid; 0: p's own), or with signal 0 only the check that it
// exists.
func (p *Process) Kill(pid int32, sig Signal) error {
	if sig < 0 || sig > lastSignal {
		return errno.EINVAL
	}
	if pid == -1 {
		return errno.EPERM
	}
	if pid > 0 {
		t := p.k.process(pid)
		if t == nil {
			return errno.ESRCH
		}
		if sig != 0 {
			t.askedBy(p, sig)
			t.raise(sig)
		}
		return nil
	}
	members := p.k.group(-pid, p)
	if len(members) == 0 {
		return errno.ESRCH
	}
	if sig != 0 {
		for _, t := range members {
			t.askedBy(p, sig)
			t.raise(sig)
		}
	}
	return nil
}

// askedBy notes a signal of the parent's that is to end the process or a part of its work.
func (p *Process) askedBy(sender *Process, sig Signal) {
	switch sig {
	case SIGINT, SIGQUIT, SIGABRT, SIGKILL, SIGUSR2, SIGTERM:
	default:
		return
	}
	p.k.mu.Lock()
	parent := p.parent
	p.k.mu.Unlock()
	if parent == sender {
		p.mu.Lock()
		p.asked = sig
		p.mu.Unlock()
	}
}

// ignored returns the signals that p ignores.
func (p *Process) ignored() uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.words == nil {
		return 0
	}
	return p.words.ignored.Load()
}

// AsksInVain reports whether a child of p lives that ignores what p has asked of it last: if p waits for the child's
// end, it waits for ever. Safe from any goroutine.
func (p *Process) AsksInVain() bool {
	for _, c := range p.living() {
		c.mu.Lock()
		ignores := c.asked != 0 && c.words != nil && c.words.ignored.Load()&c.asked.bit() != 0
		c.mu.Unlock()
		if ignores {
			return true
		}
	}
	return false
}

// living lists the children that have not ended.
func (p *Process) living() (children []*Process) {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	for _, c := range p.forked {
		if !c.zombie {
			children = append(children, c)
		}
	}
	return children
}

// process returns the process pid, nil when there is none. A zombie counts as existing.
func (k *Kernel) process(pid int32) *Process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.processes[pid]
}

// group lists the members of a process group that have not ended; 0 is the group of from.
func (k *Kernel) group(group int32, from *Process) []*Process {
	k.mu.Lock()
	defer k.mu.Unlock()
	if group == 0 {
		group = from.group
	}
	var all []*Process
	for _, t := range k.processes {
		if t.group == group && !t.zombie {
			all = append(all, t)
		}
	}
	return all
}
