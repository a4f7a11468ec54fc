package kernel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

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
	b.Kernel = New(Config{Files: tree, Program: b.program, Ended: func(e End) {
		if e.Err != nil {
			t.Errorf("process %d: %v", e.PID, e.Err)
		}
	}})
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

// eventually waits for a condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for start := time.Now(); !condition(); time.Sleep(100 * time.Microsecond) {
		if time.Since(start) > patience {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// asleep reports whether all of the processes are parked. It is a guess for the order of a test's steps: nothing may
// depend on it.
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

func goroutines() int { return runtime.NumGoroutine() }
