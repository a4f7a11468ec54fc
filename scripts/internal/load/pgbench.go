package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// scale is pgbench's: a million accounts.
const scale = 10

// bench is one run of a pgbench.
type bench struct {
	own              bool // our module by pglite tool, which has no threads; else the pgbench in PATH, through the Unix-domain socket
	mode             string
	clients, threads int
	readOnly         bool
}

// pgbench runs all of them and checks the sums after each.
func (o options) pgbench(ctx context.Context, s *served, t *table) error {
	begin := time.Now()
	if out, err := exec.CommandContext(ctx, s.pglite, "-D", s.data, "tool", "pgbench", "-i", "-q", "-s", strconv.Itoa(scale)).CombinedOutput(); err != nil {
		return fmt.Errorf("pgbench -i: %w: %s", err, out)
	}
	t.add(fmt.Sprintf("`pglite tool pgbench -i -s %d`", scale), "%.1f s", time.Since(begin).Seconds())
	var runs []bench
	modes := []string{"simple", "extended", "prepared"}
	if _, err := exec.LookPath("pgbench"); err == nil {
		for _, mode := range modes {
			runs = append(runs, bench{mode: mode, clients: 8, threads: 2})
		}
		runs = append(runs, bench{mode: "prepared", clients: 1, threads: 1},
			bench{mode: "prepared", clients: 1, threads: 1, readOnly: true}, bench{mode: "prepared", clients: 8, threads: 2, readOnly: true},
			bench{mode: "prepared", clients: 100, threads: 2}, bench{mode: "prepared", clients: 100, threads: 2, readOnly: true})
	} else {
		fmt.Fprintln(os.Stderr, "load: there is no pgbench in PATH: only our own one is used")
		runs = append(runs, bench{own: true, mode: "prepared", clients: 1, threads: 1}, bench{own: true, mode: "prepared", clients: 100, threads: 1})
	}
	for _, mode := range modes {
		runs = append(runs, bench{own: true, mode: mode, clients: 8, threads: 1})
	}
	written, speeds := 0, map[bench]float64{}
	for _, b := range runs {
		fmt.Fprintf(os.Stderr, "load: %s\n", b)
		s.waitForQuiet(ctx)
		r, err := b.run(ctx, s, o.seconds)
		if err != nil {
			return fmt.Errorf("%s: %w", b, err)
		}
		if !b.readOnly {
			written += r.transactions
		}
		if err := checkSums(ctx, s, written); err != nil {
			return fmt.Errorf("%s: %w", b, err)
		}
		speeds[b] = r.tps
		t.add("`"+b.String()+"`", "%.0f transactions a second, none of %d failed, sums right; %.0f MB; others %.0f %%", r.tps, r.transactions, r.memory, r.others)
	}
	for _, b := range runs {
		one := bench{own: b.own, mode: b.mode, clients: 1, threads: 1, readOnly: b.readOnly}
		if tps := speeds[one]; b.clients == 8 && tps > 0 {
			t.add(fmt.Sprintf("8 clients against 1, %s, %s", map[bool]string{true: "reading", false: "writing"}[b.readOnly], b.mode), "%.2f ×", speeds[b]/tps)
		}
	}
	return nil
}

// String returns the command without what names this very server.
func (b bench) String() string {
	text := fmt.Sprintf("pgbench -M %s -c %d -j %d", b.mode, b.clients, b.threads)
	if b.readOnly {
		text += " -S"
	}
	if b.own {
		text = "pglite tool " + text
	}
	return text
}

// result is what a run did.
type result struct {
	transactions int
	tps          float64
	memory       float64 // MB, the most that was seen
	others       float64 // the part of the processors' time that other programs had, in percent
}

// run runs pgbench. A client that gives up and a transaction that fails are errors.
func (b bench) run(ctx context.Context, s *served, seconds int) (r result, err error) {
	args := []string{"-n", "-M", b.mode, "-c", strconv.Itoa(b.clients), "-j", strconv.Itoa(b.threads), "-T", strconv.Itoa(seconds)}
	if b.readOnly {
		args = append(args, "-S")
	}
	cmd := exec.CommandContext(ctx, "pgbench", append(args, "-h", s.dir, "-U", "postgres", "postgres")...)
	if b.own {
		cmd = exec.CommandContext(ctx, s.pglite, append([]string{"-D", s.data, "tool", "pgbench"}, args...)...)
	}
	var watching sync.WaitGroup
	stop := make(chan struct{})
	watching.Go(func() { r.memory = s.mostMemory(stop) })
	before := s.processors()
	out, err := s.output(cmd)
	others := s.othersSince(before)
	close(stop)
	watching.Wait()
	if err != nil {
		return r, err
	}
	most := r.memory
	r, err = readResult(string(out))
	r.memory, r.others = most, others
	return r, err
}

var (
	processed = regexp.MustCompile(`number of transactions actually processed: (\d+)`)
	failed    = regexp.MustCompile(`number of failed transactions: (\d+)`)
	perSecond = regexp.MustCompile(`tps = ([\d.]+)`)
)

// readResult reads what pgbench prints. Clients that gave up, failed transactions and numbers that are not there are errors.
func readResult(out string) (r result, err error) {
	number := func(pattern *regexp.Regexp) (n float64) {
		match := pattern.FindStringSubmatch(out)
		if match == nil {
			err = errors.Join(err, fmt.Errorf("there is no %q", pattern))
			return 0
		}
		n, e := strconv.ParseFloat(match[1], 64)
		err = errors.Join(err, e)
		return n
	}
	r.transactions, r.tps = int(number(processed)), number(perSecond)
	if n := number(failed); n != 0 || strings.Contains(out, "aborted") || r.transactions == 0 {
		err = errors.Join(err, errors.New("not all went well"))
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return r, err
}

// mostMemory watches the server's memory.
func (s *served) mostMemory(stop <-chan struct{}) (most float64) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return most
		case <-ticker.C:
			if mb, err := s.memory(); err == nil {
				most = max(most, mb)
			}
		}
	}
}

// verify checks every heap and every index.
func verify(ctx context.Context, s *served, t *table) error {
	if out, err := exec.CommandContext(ctx, s.pglite, "-D", s.data, "tool", "pg_amcheck", "--install-missing", "--heapallindexed", "postgres").CombinedOutput(); err != nil {
		return fmt.Errorf("pg_amcheck: %w: %s", err, out)
	}
	t.add("`pglite tool pg_amcheck --heapallindexed` afterwards", "nothing found")
	return nil
}

// checkSums checks that each transaction is in the history, and that accounts, tellers, branches and history have the same sum.
func checkSums(ctx context.Context, s *served, written int) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var accounts, tellers, branches, history int64
	var rows int
	err = conn.QueryRow(ctx, `select (select sum(abalance) from pgbench_accounts), (select sum(tbalance) from pgbench_tellers), (select sum(bbalance) from pgbench_branches),
		coalesce(sum(delta), 0), count(*) from pgbench_history`).Scan(&accounts, &tellers, &branches, &history, &rows)
	if err != nil {
		return err
	}
	if accounts != tellers || tellers != branches || branches != history || rows != written {
		return fmt.Errorf("the sums are wrong: accounts %d, tellers %d, branches %d, history %d in %d rows after %d transactions", accounts, tellers, branches, history, rows, written)
	}
	return nil
}
