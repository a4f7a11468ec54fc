package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	suiteSum   = "the suite, sum"
	perSecond  = "1/s"
	selectOnce = "SELECT 1, in process"
)

// of makes a measurement of a contestant's method.
func of(method func(*contestant, context.Context) (float64, error)) func(context.Context, *contestant) (float64, error) {
	return func(ctx context.Context, c *contestant) (float64, error) { return method(c, ctx) }
}

// rows are all that is measured.
func (f *field) rows() []*row {
	rows := []*row{
		{name: "first start on a machine, to the first answer", unit: "ms", rounds: 3, measure: f.fresh(f.firstStart)},
		{name: "a new cluster", unit: "ms", measure: f.fresh(f.initCluster)},
		{name: "start, SELECT 1, shutdown: whole processes", unit: "ms", measure: f.fresh(f.wholeProcess)},
		{name: "a new connection and its first query, Unix socket", unit: "ms", measure: of((*contestant).newConnection)},
		{name: "SELECT 1, Unix socket", unit: "ms", measure: of((*contestant).selectOverSocket)},
		{name: selectOnce, unit: "ms", measure: of((*contestant).selectInside)},
	}
	for _, s := range suite {
		rows = append(rows, &row{name: s.Name, unit: "ms", measure: func(ctx context.Context, c *contestant) (float64, error) { return c.statement(ctx, s.SQL) }})
	}
	rows = append(
		rows,
		&row{name: fmt.Sprintf("a script of %d single statements: exec -f, psql -f, query by query", singles), unit: "ms", measure: f.script},
		&row{name: "the same script, PGlite as one batch", unit: "ms", measure: f.batch},
		&row{name: "COPY in", unit: "MB/s", faster: true, rounds: 3, measure: f.copyIn},
		&row{name: "COPY out", unit: "MB/s", faster: true, rounds: 3, measure: f.copyOut},
	)
	rows = append(rows, f.pgbenchRows()...)
	return append(
		rows,
		&row{name: "memory of an idle server (PSS)", unit: "MB", rounds: 1, measure: of((*contestant).idleMemory)},
		&row{name: "memory of one more idle session (PSS)", unit: "MB", rounds: 1, measure: of((*contestant).sessionMemory)},
	)
}

// pgliteCommand runs pglite with the contestant's engine.
func (f *field) pgliteCommand(ctx context.Context, c *contestant, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, f.options.pglite, args...)
	cmd.Env = append(os.Environ(), "PGLITE_ENGINE="+c.engine)
	return cmd
}

// fresh gives a measure the name of a directory that is not there, and removes it afterwards.
func (f *field) fresh(
	measure func(ctx context.Context, c *contestant, dir string) (float64, error),
) func(context.Context, *contestant) (float64, error) {
	return func(ctx context.Context, c *contestant) (float64, error) {
		parent := f.dir
		if f.native != nil {
			parent = f.native.dir
		}
		dir, err := os.MkdirTemp(parent, "fresh-")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		if err := os.Remove(dir); err != nil {
			return 0, err
		}
		return measure(ctx, c, dir)
	}
}

// firstStart begins with nothing: no runtime unpacked, no code in a cache, no cluster.
func (f *field) firstStart(ctx context.Context, c *contestant, dir string) (float64, error) {
	switch {
	case c.engine != "":
		if err := os.Mkdir(dir, 0o700); err != nil {
			return 0, err
		}
		cmd := f.pgliteCommand(ctx, c, "exec", "SELECT 1")
		cmd.Env = append(cmd.Env, "HOME="+dir, "XDG_CACHE_HOME="+dir, "XDG_DATA_HOME="+dir, "PGLITE_DATA=")
		return timed(cmd)
	case c.node != nil:
		return timed(c.node.command(ctx, "start", dir))
	}
	begin := time.Now()
	if _, err := timed(f.native.initdb(ctx, dir)); err != nil {
		return 0, err
	}
	_, err := f.session(ctx, dir)
	return milliseconds(begin), err
}

func (f *field) initCluster(ctx context.Context, c *contestant, dir string) (float64, error) {
	switch {
	case c.engine != "":
		return timed(f.pgliteCommand(ctx, c, "init", dir))
	case c.node != nil:
		return timed(c.node.command(ctx, "init", dir))
	}
	return timed(f.native.initdb(ctx, dir))
}

// wholeProcess opens a cluster that is there, asks one thing and shuts down.
func (f *field) wholeProcess(ctx context.Context, c *contestant, dir string) (float64, error) {
	switch {
	case c.engine != "":
		if _, err := timed(f.pgliteCommand(ctx, c, "init", dir)); err != nil {
			return 0, err
		}
		return timed(f.pgliteCommand(ctx, c, "-D", dir, "exec", "SELECT 1"))
	case c.node != nil:
		if _, err := timed(c.node.command(ctx, "init", dir)); err != nil {
			return 0, err
		}
		return timed(c.node.command(ctx, "start", dir))
	}
	if _, err := timed(f.native.initdb(ctx, dir)); err != nil {
		return 0, err
	}
	return f.session(ctx, dir)
}

// session starts native PostgreSQL on a cluster, asks one thing by psql and shuts it down.
func (f *field) session(ctx context.Context, data string) (float64, error) {
	begin := time.Now()
	s, err := f.native.start(ctx, data)
	if err != nil {
		return 0, err
	}
	_, err = timed(f.native.command(ctx, "psql", "-X", "-h", data, "-U", "postgres", "-c", "SELECT 1", "postgres"))
	return milliseconds(begin), errors.Join(err, s.stop())
}

func (c *contestant) newConnection(ctx context.Context) (float64, error) {
	if c.served == nil {
		return 0, errAbsent
	}
	const n = 10
	begin := time.Now()
	for range n {
		conn, err := c.served.connect(ctx)
		if err != nil {
			return 0, err
		}
		if _, err := conn.Exec(ctx, "SELECT 1", pgx.QueryExecModeSimpleProtocol); err != nil {
			return 0, err
		}
		if err := conn.Close(ctx); err != nil {
			return 0, err
		}
	}
	return milliseconds(begin) / n, nil
}

const selects = 2000

func selectOften(ctx context.Context, conn *pgx.Conn) (float64, error) {
	begin := time.Now()
	for range selects {
		if _, err := conn.Exec(ctx, "SELECT 1", pgx.QueryExecModeSimpleProtocol); err != nil {
			return 0, err
		}
	}
	return milliseconds(begin) / selects, nil
}

func (c *contestant) selectOverSocket(ctx context.Context) (float64, error) {
	if c.served == nil {
		return 0, errAbsent
	}
	conn, err := c.served.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	return selectOften(ctx, conn)
}

func (c *contestant) selectInside(ctx context.Context) (float64, error) {
	switch {
	case c.db != nil:
		return selectOften(ctx, c.conn)
	case c.node != nil:
		v, err := c.node.do("queries", "SELECT 1", selects)
		return v / selects, err
	}
	return 0, errAbsent
}

// statement runs a statement of the suite.
func (c *contestant) statement(ctx context.Context, sql string) (float64, error) {
	if c.node != nil {
		return c.node.do("queries", sql, 1)
	}
	begin := time.Now()
	_, err := c.conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	return milliseconds(begin), err
}

// script runs a script of single statements, with fsync off, as people do: pglite's exec, which starts a server and ends it, psql with
// a server that runs, PGlite query by query.
func (f *field) script(ctx context.Context, c *contestant) (float64, error) {
	name := filepath.Join(f.dir, "script.sql")
	if err := os.WriteFile(name, []byte(scriptText()), 0o644); err != nil {
		return 0, err
	}
	switch {
	case c.engine != "":
		return timed(f.pgliteCommand(ctx, c, "-D", "memory:", "exec", "-q", "-f", name))
	case c.node != nil:
		return c.node.do("statements", scriptText(), 1)
	}
	host := c.conn.Config().Host
	cmd := f.native.command(ctx, "psql", "-X", "-q", "-h", host, "-U", "postgres", "-f", name, "postgres")
	cmd.Dir = "/"
	return timed(cmd)
}

func (f *field) batch(_ context.Context, c *contestant) (float64, error) {
	if c.node == nil {
		return 0, errAbsent
	}
	return c.node.do("queries", scriptText(), 1)
}

// pattern is 1,000 rows of two columns as COPY has them, some 100 bytes each.
func pattern() []byte {
	var b []byte
	for i := range 1000 {
		b = fmt.Appendf(b, "%d\tthe quick brown fox jumps over the lazy dog, and the dog does not mind at all %d\n", i, i)
	}
	return b
}

// repeated reads a text again and again, size bytes in all and up to the text's end.
type repeated struct {
	text     []byte
	at, left int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.at == 0 && r.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:])
	r.at, r.left = (r.at+n)%len(r.text), r.left-n
	return n, nil
}

func (f *field) copyIn(ctx context.Context, c *contestant) (float64, error) {
	if c.conn == nil {
		return 0, errAbsent
	}
	if _, err := c.conn.Exec(ctx, "DROP TABLE IF EXISTS copied; CREATE TABLE copied(i int, s text)", pgx.QueryExecModeSimpleProtocol); err != nil {
		return 0, err
	}
	begin := time.Now()
	size := f.megabytes << 20
	_, err := c.conn.PgConn().CopyFrom(ctx, &repeated{text: pattern(), left: size}, "COPY copied FROM STDIN")
	return float64(f.megabytes) / time.Since(begin).Seconds(), err
}

func (f *field) copyOut(ctx context.Context, c *contestant) (float64, error) {
	if c.conn == nil {
		return 0, errAbsent
	}
	begin := time.Now()
	_, err := c.conn.PgConn().CopyTo(ctx, io.Discard, "COPY copied TO STDOUT")
	return float64(f.megabytes) / time.Since(begin).Seconds(), err
}

var tps = regexp.MustCompile(`tps = ([\d.]+)`)

// pgbenchRows are runs of native PostgreSQL's pgbench against what serves a Unix socket, with fsync on.
func (f *field) pgbenchRows() (rows []*row) {
	if f.native == nil {
		return nil
	}
	for _, reading := range []bool{true, false} {
		for _, mode := range []string{"simple", "extended", "prepared"} {
			for _, clients := range []int{1, 8} {
				if mode != "prepared" && clients != 8 {
					continue
				}
				r := &row{name: fmt.Sprintf("pgbench -M %s -c %d", mode, clients), unit: perSecond, faster: true, rounds: 3}
				args := []string{"-n", "-M", mode, "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(2, clients)), "-T", strconv.Itoa(f.seconds)}
				if reading {
					r.name, args = r.name+" -S", append(args, "-S")
				}
				r.measure = func(ctx context.Context, c *contestant) (float64, error) { return f.pgbench(ctx, c, args) }
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func (f *field) pgbench(ctx context.Context, c *contestant, args []string) (float64, error) {
	if c.served == nil {
		return 0, errAbsent
	}
	where := []string{"-h", c.served.socket, "-U", "postgres", "postgres"}
	program := func(args ...string) *exec.Cmd {
		cmd := f.native.command(ctx, "pgbench", append(args, where...)...)
		cmd.SysProcAttr = nil // pglite's socket is the user's own
		return cmd
	}
	if !c.filled {
		if _, err := timed(program("-i", "-q", "-s", "10")); err != nil {
			return 0, err
		}
		c.filled = true
	}
	out, err := program(args...).CombinedOutput()
	match := tps.FindSubmatch(out)
	if err != nil || match == nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return strconv.ParseFloat(string(match[1]), 64)
}

// memory is the proportional share of the memory in use of a server with all its processes, in MB.
func (s *server) memory() (mb float64, err error) {
	pids := []int{s.cmd.Process.Pid}
	for n := 0; n < len(pids); n++ {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pids[n], pids[n]))
		if err != nil {
			return 0, errAbsent // not on this system
		}
		for _, child := range regexp.MustCompile(`\d+`).FindAllString(string(text), -1) {
			pid, _ := strconv.Atoi(child)
			pids = append(pids, pid)
		}
	}
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return 0, err
		}
		if m := regexp.MustCompile(`(?m)^Pss: +(\d+) kB`).FindSubmatch(text); m != nil {
			kb, _ := strconv.ParseFloat(string(m[1]), 64)
			mb += kb / 1024
		}
	}
	return mb, nil
}

func (c *contestant) idleMemory(context.Context) (float64, error) {
	if c.served == nil {
		return 0, errAbsent
	}
	return c.served.memory()
}

func (c *contestant) sessionMemory(ctx context.Context) (float64, error) {
	if c.served == nil {
		return 0, errAbsent
	}
	const n = 20
	before, err := c.served.memory()
	if err != nil {
		return 0, err
	}
	for range n {
		conn, err := c.served.connect(ctx)
		if err != nil {
			return 0, err
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "SELECT 1", pgx.QueryExecModeSimpleProtocol); err != nil {
			return 0, err
		}
	}
	after, err := c.served.memory()
	return (after - before) / n, err
}
