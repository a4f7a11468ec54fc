package kernel

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestStartGivesWhatTheCommandSays(t *testing.T) {
	b := newBox(t)
	var out strings.Builder
	p := b.startWith(Command{Args: []string{"/bin/main", "-x"}, Env: []string{"A=1"}, Dir: "/data", Stdin: strings.NewReader("in"), Stdout: &out}, func(g *guest) {
		g.is(len(g.Args()) == 2 && g.Args()[1] == "-x", "args %q", g.Args())
		g.is(len(g.Env()) == 1 && g.Env()[0] == "A=1", "env %q", g.Env())
		g.is(g.Getcwd() == "/data", "directory %q", g.Getcwd())
		g.is(g.Getppid() == 1, "parent %d", g.Getppid())
		g.expect(0, "in")
		g.expect(0, "")
		g.send(1, "out")
		g.send(2, "lost")
		_, err := g.Write(0, []byte("x"))
		g.want(err, errno.EBADF)
		g.Exit(Exited(7))
	})
	wantStatus(t, p, Exited(7))
	if out.String() != "out" {
		t.Errorf("standard output %q", out.String())
	}
	if _, err := b.Start(context.Background(), Command{Program: "unknown"}); err == nil {
		t.Error("an unknown program starts")
	}
}

func TestStartAfterClose(t *testing.T) {
	b := newBox(t)
	b.programs["main"] = func(*guest) {}
	_ = b.Close()
	if _, err := b.Start(context.Background(), Command{Program: "main"}); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want %v", err, ErrClosed)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartWhileClosing(t *testing.T) {
	for range 10 {
		b := newBox(t)
		b.programs["main"] = func(g *guest) {
			for range 3 {
				g.fork((*guest).forever)
			}
			g.forever()
		}
		var starters sync.WaitGroup
		for range 4 {
			starters.Go(func() {
				for range 5 {
					if _, err := b.Start(context.Background(), Command{Program: "main"}); err != nil {
						return
					}
				}
			})
		}
		finish(t, "Close", func() { _ = b.Close() })
		starters.Wait()
		if n := len(b.processes); n != 0 {
			t.Fatalf("%d processes after Close", n)
		}
	}
}

func TestForkCopies(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.Memory()[testData] = 1
		g.Umask(0o27)
		g.ok(g.Chdir("/data"))
		g.block(SIGHUP)
		g.words().pending.Store(SIGHUP.bit())
		g.SetTimer(time.Hour, 0)
		parent := g.PID()
		pid := g.fork(func(c *guest) {
			c.is(c.Getppid() == parent, "parent %d, want %d", c.Getppid(), parent)
			c.is(c.Memory()[testData] == 1, "the memory is not copied")
			c.is(c.Umask(0) == 0o27 && c.Getcwd() == "/data", "umask or directory")
			c.is(c.words().blocked.Load() == SIGHUP.bit(), "the mask is not inherited")
			c.is(c.words().pending.Load() == 0, "pending signals are inherited")
			first, _ := c.SetTimer(0, 0)
			c.is(first == 0, "the timer is inherited")
			c.Memory()[testData] = 2
			c.Exit(Exited(3))
		})
		g.is(pid != parent, "the child's identifier is the parent's")
		g.reap(pid, Exited(3))
		g.is(g.Memory()[testData] == 1, "the child has written the parent's memory")
		g.is(g.words().pending.Load() == SIGHUP.bit(), "the parent lost its pending signal")
		first, _ := g.SetTimer(0, 0)
		g.is(first > 0, "the parent lost its timer")
	})
}

func TestForkFailure(t *testing.T) {
	for name, dies := range map[string]bool{"error": false, "panic": true} {
		t.Run(name, func(t *testing.T) { testForkFailure(t, dies) })
	}
}

func testForkFailure(t *testing.T, dies bool) {
	b := newBox(t)
	b.run(func(g *guest) {
		g.handle(SIGCHLD, func() { g.fatal("SIGCHLD for a child that never was") })
		g.inst.forkFail, g.inst.forkDies = errors.New("no memory"), dies
		r, w := g.pipe(0)
		_, err := g.Fork()
		g.want(err, errno.ENOMEM)
		g.dispatch()
		_, _, err = g.Wait4(-1, 0)
		g.want(err, errno.ECHILD)
		g.close(w)
		g.expect(r, "") // the child that never was keeps nothing open
	})
	if n := len(b.processes); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestWait(t *testing.T) {
	newBox(t).run(func(g *guest) {
		_, _, err := g.Wait4(-1, 0)
		g.want(err, errno.ECHILD)
		_, _, err = g.Wait4(-1, waitNoHang)
		g.want(err, errno.ECHILD)

		r, w := g.pipe(0)
		one := g.fork(func(c *guest) { c.close(w); c.expect(r, ""); c.Exit(Exited(1)) })
		leads := make(chan struct{})
		two := g.fork(func(c *guest) { c.Setsid(); close(leads); c.close(w); c.expect(r, ""); c.Die(SIGSEGV) })
		<-leads
		pid, _, err := g.Wait4(-1, waitNoHang)
		g.is(pid == 0 && err == nil, "WNOHANG: %d %v", pid, err)
		_, _, err = g.Wait4(g.PID(), 0)
		g.want(err, errno.ECHILD)
		_, _, err = g.Wait4(-g.PID()-1000, 0)
		g.want(err, errno.ECHILD)
		g.close(w)
		g.reap(-two, Signaled(SIGSEGV)) // by its group
		g.reap(0, Exited(1))            // of the own group
		_, _, err = g.Wait4(one, 0)
		g.want(err, errno.ECHILD)
	})
}

func TestZombieStaysUntilWaitedFor(t *testing.T) {
	b := newBox(t)
	b.run(func(g *guest) {
		done := make(chan *Process, 1)
		pid := g.fork(func(c *guest) { done <- c.Process; c.Exit(Exited(5)) })
		<-(<-done).Done()
		g.ok(g.Kill(pid, 0)) // a zombie exists
		g.ok(g.Kill(pid, SIGTERM))
		g.ok(g.Kill(pid, SIGKILL))
		g.reap(pid, Exited(5))
		g.want(g.Kill(pid, 0), errno.ESRCH)
	})
}

func TestOrphans(t *testing.T) {
	b := newBox(t)
	var grandchild, zombie *Process
	known := make(chan struct{}, 2)
	release := make(chan struct{})
	b.run(func(g *guest) {
		pid := g.fork(func(c *guest) {
			c.fork(func(o *guest) {
				grandchild = o.Process
				known <- struct{}{}
				<-release
				for o.Getppid() != 1 {
					o.Sleep(time.Millisecond)
				}
				o.Exit(Exited(4))
			})
			c.fork(func(z *guest) { zombie = z.Process; known <- struct{}{} })
			<-known
			<-known
			<-zombie.Done() // it stays, nobody waits for it
		})
		g.reap(pid, Exited(0))
		g.want(g.Kill(zombie.PID(), 0), errno.ESRCH)
		g.ok(g.Kill(grandchild.PID(), 0))
		_, _, err := g.Wait4(-1, 0)
		g.want(err, errno.ECHILD)
		close(release)
		<-grandchild.Done()
		g.want(g.Kill(grandchild.PID(), 0), errno.ESRCH)
	})
	if n := len(b.processes); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestChildSignal(t *testing.T) {
	newBox(t).run(func(g *guest) {
		count := 0
		g.handle(SIGCHLD, func() { count++ })
		const children = 20
		for range children {
			g.fork(func(*guest) {})
		}
		for reaped := 0; reaped < children; {
			_, err := g.Sleep(patience)
			g.want(err, errno.EINTR)
			g.dispatch()
			for {
				pid, status, err := g.Wait4(-1, waitNoHang)
				if pid == 0 || err != nil {
					break
				}
				g.is(status == Exited(0), "%v", status)
				reaped++
			}
		}
		g.is(count > 0 && count <= children, "%d signals", count)
		_, _, err := g.Wait4(-1, waitNoHang)
		g.want(err, errno.ECHILD)
	})
}

func TestExitClosesDescriptorsBeforeTheParentKnows(t *testing.T) {
	newBox(t).run(func(g *guest) {
		for range 100 {
			r, w := g.pipe(0)
			pid := g.fork(func(*guest) {})
			g.close(w)
			g.reap(pid, Exited(0))
			n, err := g.Poll(pollfds(pollfd{r, PollIn, 0}), 0)
			g.is(n == 1 && err == nil, "the pipe of a child that was waited for is open: %d %v", n, err)
			g.close(r)
		}
	})
}

func TestHostPanicEndsOnlyTheProcess(t *testing.T) {
	b := newBox(t)
	var trapped, signaled, failed atomic.Int32
	b.cfg.Ended = func(e End) {
		switch {
		case e.Err != nil && strings.Contains(e.Err.Error(), "broken"):
			trapped.Add(1)
		case e.Status.Signal() != 0:
			signaled.Add(1)
		case e.Parent != 1 && e.Ignored(SIGTERM) && !e.Ignored(SIGINT):
			failed.Add(1)
		}
	}
	b.run(func(g *guest) {
		r, w := g.pipe(0)
		pid := g.fork(func(*guest) { panic("broken") })
		g.close(w)
		g.expect(r, "")
		g.reap(pid, Signaled(SIGABRT))
		pid = g.fork((*guest).forever)
		if err := g.Kill(pid, SIGKILL); err != nil {
			t.Error(err)
		}
		g.reap(pid, Signaled(SIGKILL))
		g.reap(g.fork(func(*guest) {}), Exited(0))
		g.reap(g.fork(func(c *guest) { c.ignore(SIGTERM); c.Exit(Exited(2)) }), Exited(2))
	})
	if trapped.Load() != 1 || signaled.Load() != 1 || failed.Load() != 1 {
		t.Errorf("Ended was told of %d panics, %d signals and %d exit codes, want one each", trapped.Load(), signaled.Load(), failed.Load())
	}
}

func TestIdentifiersAreNotReused(t *testing.T) {
	b := newBox(t)
	b.nextPID = lastPID - 2
	b.run(func(g *guest) {
		seen := map[int32]bool{g.PID(): true}
		for range 8 {
			pid := g.fork((*guest).forever)
			g.is(pid >= FirstPID && pid <= lastPID && !seen[pid], "identifier %d", pid)
			seen[pid] = true
		}
	})
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		s    Status
		code int
		sig  Signal
		text string
	}{
		{Exited(0), 0, 0, "exit status 0"},
		{Exited(3), 3, 0, "exit status 3"},
		{Exited(-1), 255, 0, "exit status 255"},
		{Signaled(SIGKILL), 137, SIGKILL, "terminated by signal 9"},
	} {
		if c.s.Code() != c.code || c.s.Signal() != c.sig || c.s.String() != c.text {
			t.Errorf("%d: %d %d %q, want %d %d %q", int32(c.s), c.s.Code(), c.s.Signal(), c.s, c.code, c.sig, c.text)
		}
	}
}

func TestEndedProcessKeepsNoMemory(t *testing.T) {
	b := newBox(t)
	p := b.start(func(*guest) {})
	wantStatus(t, p, Exited(0))
	if p.inst != nil || p.mem != nil || p.region != nil {
		t.Error("an ended process holds its instance")
	}
	p.Signal(SIGTERM)
	p.Signal(0)
	p.Signal(99)
}
