package kernel

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// TestSpawn runs command lines as popen and system do.
func TestSpawn(t *testing.T) {
	b := newBox(t)
	b.programs["upper"] = func(g *guest) {
		in := make([]byte, 100)
		n, err := g.Read(0, in)
		g.ok(err)
		g.send(1, strings.ToUpper(string(in[:n]))+strings.Join(g.Args()[1:], ","))
		g.send(2, "!")
		g.Exit(Exited(int32(len(g.Args()))))
	}
	var out, errs bytes.Buffer
	p := b.startWith(Command{Env: []string{"E=1"}, Stdout: &out, Stderr: &errs}, func(g *guest) {
		g.send(g.openFile("/data/in", shmCreate), "input")
		r, w := g.pipe(0)
		spawn := func(line string, in, out int32, want Status) {
			g.t.Helper()
			pid, err := g.Spawn(line, nil, in, out, 2)
			g.ok(err)
			g.reap(pid, want)
		}
		spawn(`"/usr/bin/upper" 'a b' c </data/in`, 0, w, Exited(3))
		g.expect(r, "INPUTa b,c")
		g.ok(g.Chdir("/data"))
		spawn("upper < in > out 2>&1", 0, w, Exited(1))
		spawn("upper x < in >> out 2> /dev/null", 0, w, Exited(2))
		g.expect(g.openFile("out", 0), "INPUT!INPUTx")
		spawn("upper <in 2>&1 >/dev/null", 0, w, Exited(1)) // the error stream goes where the output went before
		g.expect(r, "!")
		spawn("upper 1>&2 <in", 0, w, Exited(1))
		g.close(w)
		g.expect(r, "")
	})
	wantStatus(t, p, Exited(0))
	if out.String() != "" || errs.String() != "!INPUT!" {
		t.Errorf("output %q, errors %q", out.String(), errs.String())
	}
}

func TestSpawnErrors(t *testing.T) {
	b := newBox(t)
	b.programs["ok"] = func(*guest) {}
	b.run(func(g *guest) {
		g.handle(SIGCHLD, func() { g.fatal("SIGCHLD for a child that never was") })
		for _, c := range []struct {
			line string
			in   int32
			want errno.Errno
		}{
			{"unknown", 0, errno.ENOENT},
			{"''", 0, errno.ENOENT},
			{"ok | ok", 0, errno.ENOSYS},
			{"ok", 99, errno.EBADF},
			{"ok </nowhere", 0, errno.ENOENT},
			{"ok 2>&7", 0, errno.EBADF},
		} {
			_, err := g.Spawn(c.line, nil, c.in, 1, 2)
			g.want(err, c.want)
			g.dispatch()
		}
		_, _, err := g.Wait4(-1, waitNoHang)
		g.want(err, errno.ECHILD)
	})
}

// TestSpawnInheritsOnlyThree descriptors, so that a pipe ends with its own processes.
func TestSpawnInheritsOnlyThree(t *testing.T) {
	b := newBox(t)
	b.programs["look"] = func(g *guest) {
		for fd := int32(3); fd < 20; fd++ {
			g.want(g.Close(fd), errno.EBADF)
		}
		g.is(slices.Equal(g.Env(), []string{"F=2"}) && g.Getcwd() == "/data", "environment %q or directory %q", g.Env(), g.Getcwd())
		g.is(g.words().pending.Load()&^SIGTERM.bit() == 0, "pending signals")
		g.forever()
	}
	p := b.startWith(Command{Env: []string{"E=1"}, Dir: "/data"}, func(g *guest) {
		r, w := g.pipe(vfs.O_NONBLOCK)
		pid, err := g.Spawn("look", []string{"F=2"}, 0, 1, 2)
		g.ok(err)
		g.close(w)
		g.expect(r, "")
		g.is(g.k.processes[pid].group == g.group, "another process group")
		g.ok(g.Kill(pid, SIGTERM))
		g.reap(pid, Signaled(SIGTERM))
	})
	wantStatus(t, p, Exited(0))
}

func TestBuiltin(t *testing.T) {
	b := newBox(t)
	b.builtins = map[string]Builtin{"locale": "C.UTF-8\n"}
	b.run(func(g *guest) {
		r, w := g.pipe(0)
		pid, err := g.Spawn("locale -a", nil, 0, w, 2)
		g.ok(err)
		g.expect(r, "C.UTF-8\n")
		g.reap(pid, Exited(0))
	})
	p := b.start(func(g *guest) { // one that nobody reads can be killed
		_, w := g.pipe(0)
		g.send(w, string(pattern(streamLimit)))
		pid, err := g.Spawn("locale", nil, 0, w, 2)
		g.ok(err)
		g.ok(g.Kill(pid, SIGKILL))
		g.reap(pid, Signaled(SIGKILL))
	})
	wantStatus(t, p, Exited(0))
}
