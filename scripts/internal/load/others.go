package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// processors is how their time has been used since the machine's start; the zero value where the system does not tell.
type processors struct{ all, busy, own float64 }

// tick is the unit of time in /proc
// (https://man7.org/linux/man-pages/man5/proc_stat.5.html).
const tick = 0.01

// processors reads how the processors' time has been used, by all programs and by the server and what was run against it.
func (s *served) processors() (p processors) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return processors{}
	}
	var user, nice, system, idle, wait, irq, softirq, steal float64
	if _, err := fmt.Sscanf(string(b), "cpu %f %f %f %f %f %f %f %f", &user, &nice, &system, &idle, &wait, &irq, &softirq, &steal); err != nil {
		return processors{}
	}
	p.busy = (user + nice + system + irq + softirq + steal) * tick
	p.all = p.busy + (idle+wait)*tick
	b, err = os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return processors{}
	}
	_, fields, _ := strings.Cut(string(b), ") ") // the program's name may have spaces
	const userTime, systemTime = 11, 12
	for i, f := range strings.Fields(fields) {
		var ticks float64
		if i == userTime || i == systemTime {
			_, _ = fmt.Sscan(f, &ticks)
			p.own += ticks * tick
		}
	}
	p.own += s.spent.Seconds()
	return p
}

// othersSince returns the part of the processors' time that other programs have had since then, in percent.
func (s *served) othersSince(then processors) float64 {
	now := s.processors()
	if now.all == then.all {
		return 0
	}
	return 100 * max(0, (now.busy-then.busy)-(now.own-then.own)) / (now.all - then.all)
}

// How busy other programs may be for a measurement to begin, in percent, and how long that is looked at.
const (
	quiet    = 10
	quietFor = 3 * time.Second
)

// waitForQuiet waits until other programs leave the processors alone, as long as patience lasts.
func (s *served) waitForQuiet(ctx context.Context) {
	for s.patience > 0 && ctx.Err() == nil {
		then := s.processors()
		time.Sleep(quietFor)
		if s.othersSince(then) < quiet {
			return
		}
		s.patience -= quietFor
	}
}

// output runs a program to its end, keeps count of its processor time and returns what it says.
func (s *served) output(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState != nil {
		s.spent += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return out, err
}
