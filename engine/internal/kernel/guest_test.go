package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// The tests' programs are written in Go. To the kernel they are programs like any other: an instance with a memory of its own that
// fork copies, signal words in it, and an end by unwinding.

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
func (i *testInstance) Signals() uint32        { return testSignals }
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

// box is a kernel with the programs of a test.
type box struct {
	*Kernel
	t        testing.TB
	programs map[string]func(*guest)
	builtins map[string]Builtin
}

func newBox(t testing.TB) *box {
	t.Helper()
	b := &box{t: t, programs: map[string]func(*guest){}}
	tree := vfs.NewTree(vfs.NewMemFS(0))
	for _, dir := range []string{"/tmp", "/data"} {
		if err := tree.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Mount("/dev", vfs.NewDevFS()); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	b.Kernel = New(Config{Files: tree, Program: b.program, Trapped: func(pid int, err error) { t.Errorf("process %d: %v", pid, err) }})
	t.Cleanup(func() {
		finish(t, "Kernel.Close", func() { _ = b.Close() })
		checkGoroutines(t, before)
		b.checkEmpty()
	})
	return b
}

func (b *box) program(_ context.Context, name string) (Program, error) {
	if builtin, ok := b.builtins[name]; ok {
		return builtin, nil
	}
	main, ok := b.programs[name]
	if !ok {
		return nil, errors.New("no such program")
	}
	return testProgram{b.t, main}, nil
}

// checkEmpty checks that a closed kernel holds nothing any more.
func (b *box) checkEmpty() {
	b.t.Helper()
	if n := len(b.processes); n != 0 {
		b.t.Errorf("%d processes are left", n)
	}
	for i := range b.futexes {
		if f := &b.futexes[i]; f.first != nil || f.last != nil {
			b.t.Errorf("a futex waiter is left: %+v", f.first.key)
		}
	}
	if n := len(b.sockets.byPath); n != 0 {
		b.t.Errorf("%d listening sockets are left", n)
	}
}

// checkGoroutines fails when there are more goroutines than before, after some time to end.
func checkGoroutines(t testing.TB, before int) {
	t.Helper()
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			stacks := make([]byte, 1<<20)
			t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			return
		}
	}
}

// finish runs f, which must return.
func finish(t testing.TB, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		t.Fatalf("%s does not return:\n%s", what, stacks[:runtime.Stack(stacks, true)])
	}
}

// start starts a process that runs main.
func (b *box) start(main func(*guest)) *Process {
	b.t.Helper()
	return b.startWith(Command{}, main)
}

func (b *box) startWith(c Command, main func(*guest)) *Process {
	b.t.Helper()
	b.programs["main"] = main
	c.Program = "main"
	if c.Args == nil {
		c.Args = []string{"/bin/main"}
	}
	p, err := b.Start(context.Background(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// run runs main in a process to its end and checks that it exits with 0.
func (b *box) run(main func(*guest)) {
	b.t.Helper()
	wantStatus(b.t, b.start(main), Exited(0))
}

func wantStatus(t testing.TB, p *Process, want Status) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	got, err := p.Wait(ctx)
	if err != nil {
		stacks := make([]byte, 1<<20)
		t.Fatalf("process %d does not end: %v\n%s", p.PID(), err, stacks[:runtime.Stack(stacks, true)])
	}
	if got != want {
		t.Errorf("process %d: %v, want %v", p.PID(), got, want)
	}
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
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for start := time.Now(); !condition(); time.Sleep(100 * time.Microsecond) {
		if time.Since(start) > patience {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// eventually is the same in a process.
func (g *guest) eventually(what string, condition func() bool) {
	g.t.Helper()
	for start := time.Now(); !condition(); time.Sleep(100 * time.Microsecond) {
		if time.Since(start) > patience {
			g.fatal("%s: not in %v", what, patience)
		}
	}
}

// asleep reports whether all of the processes are parked. It is a guess for the order of a test's steps: nothing may depend on it.
func asleep(n int) func() bool {
	return func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		parked := 0
		for _, s := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(s, "(*parker).park(") {
				parked++
			}
		}
		return parked >= n
	}
}

// noInput is a standard input that never gives anything until it is closed.
type noInput struct{ *io.PipeReader }

func newNoInput(t testing.TB) noInput {
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	return noInput{r}
}

func pattern(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n] }

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

func goroutines() int { return runtime.NumGoroutine() }

func (g *guest) openFile(name string, flags int) int32 {
	g.t.Helper()
	fd, err := g.Openat(AtCwd, name, flags, 0o600)
	g.ok(err)
	return fd
}
