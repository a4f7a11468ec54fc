package kernel

import (
	"fmt"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
)

// The tests' programs are written in Go. To the kernel they are programs like any other: an instance with a memory of
// its own that fork copies, signal words in it, and an end by unwinding.

const (
	testSignals = 64                  // the address of struct pglite_signals
	testData    = 4096                // words that tests use
	testMemory  = 16 * memory.Granule // of each process
	testShared  = 8 * memory.Granule  // where tests map shared memory
	patience    = 30 * time.Second    // for what must happen; a test never waits that long when all is well
)

// guest is a process as its program sees it.
type guest struct {
	*Process
	t    testing.TB
	inst *testInstance
}

type testProgram struct {
	t    testing.TB
	main func(*guest)
}

func (p testProgram) New(process *Process) (Instance, error) {
	return newTestInstance(p.t, process, p.main)
}

// testInstance is an instance whose code is a Go function.
type testInstance struct {
	g        *guest
	region   *memory.Region
	main     func(*guest)
	child    func(*guest) // what the next forked child runs
	handlers [lastSignal + 1]func()
	forkFail error
	forkDies bool // with forkFail
}

func newTestInstance(t testing.TB, p *Process, main func(*guest)) (*testInstance, error) {
	region, err := memory.Reserve(testMemory)
	if err != nil {
		return nil, err
	}
	if err := region.Commit(testMemory); err != nil {
		return nil, err
	}
	i := &testInstance{region: region, main: main}
	i.g = &guest{Process: p, t: t, inst: i}
	signalWordsAt(region.Bytes(), testSignals).ignored.Store(SIGCHLD.bit() | SIGURG.bit())
	return i, nil
}

func (i *testInstance) Memory() *memory.Region { return i.region }
func (i *testInstance) Signals() Ptr           { return testSignals }
func (i *testInstance) Close() error           { return i.region.Free() }

func (i *testInstance) Fork(child *Process) (Instance, error) {
	switch {
	case i.forkDies:
		panic(i.forkFail)
	case i.forkFail != nil:
		return nil, i.forkFail
	}
	c, err := newTestInstance(i.g.t, child, i.child)
	if err != nil {
		return nil, err
	}
	if _, err := i.region.CopyTo(c.region, testMemory); err != nil {
		return nil, err
	}
	c.handlers = i.handlers
	return c, nil
}

// unwinding is what Exit panics with.
type unwinding struct{ status Status }

func (i *testInstance) Exit(status Status) { panic(unwinding{status}) }

func (i *testInstance) Run(bool) (status Status, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unwinding:
			status = r.status
		default:
			panic(r)
		}
	}()
	i.main(i.g)
	return Exited(0), nil
}

// fatal reports a failure from a process and ends it.
func (g *guest) fatal(format string, args ...any) {
	g.t.Helper()
	g.t.Errorf(format, args...)
	g.Exit(Exited(99))
}

func (g *guest) ok(err error) {
	g.t.Helper()
	if err != nil {
		g.CheckKilled()
		g.fatal("process %d: %v", g.PID(), err)
	}
}

func (g *guest) want(err error, want errno.Errno) {
	g.t.Helper()
	if errno.Of(err) != want {
		g.CheckKilled()
		g.fatal("process %d: error %v, want %v", g.PID(), err, want)
	}
}

func (g *guest) is(condition bool, format string, args ...any) {
	g.t.Helper()
	if !condition {
		g.fatal(format, args...)
	}
}

func (g *guest) words() *signalWords { return signalWordsAt(g.Memory(), testSignals) }

// handle sets the handler of a signal; nil is the default action.
func (g *guest) handle(sig Signal, f func()) {
	g.inst.handlers[sig] = f
	g.words().ignored.And(^sig.bit())
}

func (g *guest) ignore(sig Signal) {
	g.words().ignored.Or(sig.bit())
	g.words().pending.And(^sig.bit())
}

func (g *guest) block(sig Signal)   { g.words().blocked.Or(sig.bit()) }
func (g *guest) unblock(sig Signal) { g.words().blocked.And(^sig.bit()) }

// dispatch does what the guest's library does after a call: it runs the handlers of pending signals.
func (g *guest) dispatch() {
	g.CheckKilled()
	w := g.words()
	for sig := Signal(1); sig <= lastSignal; sig++ {
		if w.pending.Load()&^w.blocked.Load()&sig.bit() == 0 {
			continue
		}
		w.pending.And(^sig.bit())
		switch handler := g.inst.handlers[sig]; {
		case w.ignored.Load()&sig.bit() != 0:
		case handler == nil:
			g.Die(sig)
		default:
			handler()
		}
	}
}

// fork forks a child that runs main.
func (g *guest) fork(main func(*guest)) int32 {
	g.t.Helper()
	g.inst.child = main
	pid, err := g.Fork()
	g.ok(err)
	return pid
}

// reap waits for a child and checks its status.
func (g *guest) reap(pid int32, want Status) {
	g.t.Helper()
	for {
		child, status, err := g.Wait4(pid, 0)
		g.dispatch()
		if err == errno.EINTR {
			continue
		}
		g.ok(err)
		g.is(child == pid || pid < 1, "wait for %d: got %d", pid, child)
		g.is(status == want, "process %d: %v, want %v", child, status, want)
		return
	}
}

func (g *guest) pipe(flags int) (r, w int32) {
	g.t.Helper()
	r, w, err := g.Pipe(flags)
	g.ok(err)
	return r, w
}

func (g *guest) socketpair(flags int32) (a, b int32) {
	g.t.Helper()
	a, b, err := g.Socketpair(sockStream | flags)
	g.ok(err)
	return a, b
}

func (g *guest) close(fds ...int32) {
	g.t.Helper()
	for _, fd := range fds {
		g.ok(g.Close(fd))
	}
}

// send writes all of s.
func (g *guest) send(fd int32, s string) {
	g.t.Helper()
	n, err := g.Write(fd, []byte(s))
	g.ok(err)
	g.is(n == len(s), "write of %d bytes: %d", len(s), n)
}

// expect reads exactly the text; "" is the end.
func (g *guest) expect(fd int32, text string) {
	g.t.Helper()
	b := make([]byte, max(len(text), 1))
	for done := 0; ; {
		n, err := g.Read(fd, b[done:])
		g.ok(err)
		if done += n; n == 0 || done == len(text) {
			g.is(string(b[:done]) == text, "read %q, want %q", b[:done], text)
			return
		}
	}
}

// forever is a call that only a signal ends.
func (g *guest) forever() {
	for {
		_, _ = g.Poll(nil, -1)
		g.dispatch()
	}
}

// eventually waits for a condition.
func (g *guest) eventually(what string, condition func() bool) {
	g.t.Helper()
	for start := time.Now(); !condition(); time.Sleep(100 * time.Microsecond) {
		if time.Since(start) > patience {
			g.fatal("%s: not in %v", what, patience)
		}
	}
}

// listen makes a listening socket at /tmp/NAME-PID.
func (g *guest) listen(name string, backlog int32) int32 {
	g.t.Helper()
	fd, err := g.Socket(AFUnix, sockStream)
	g.ok(err)
	g.ok(g.Bind(fd, UnixAddress(g.socketPathOf(name))))
	g.ok(g.Listen(fd, backlog))
	return fd
}

func (g *guest) socketPathOf(name string) string { return fmt.Sprintf("/tmp/%s-%d", name, g.PID()) }

func (g *guest) openFile(name string, flags int) int32 {
	g.t.Helper()
	fd, err := g.Openat(AtCwd, name, flags, 0o600)
	g.ok(err)
	return fd
}
