package kernel

import "time"

// intervalTimer is ITIMER_REAL. It is guarded by Process.mu.
type intervalTimer struct {
	timer    *time.Timer
	due      time.Time
	interval time.Duration
	round    uint64 // tells a stale firing from the present setting
}

func (t *intervalTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
	t.due, t.interval = time.Time{}, 0
	t.round++
}

// SetTimer is setitimer(ITIMER_REAL): SIGALRM after first, then every interval; first 0 disarms. It returns the
// previous setting.
func (p *Process) SetTimer(first, interval time.Duration) (oldFirst, oldInterval time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &p.timer
	if !t.due.IsZero() {
		oldFirst, oldInterval = max(time.Until(t.due), 1), t.interval
	}
	t.stop()
	if first > 0 {
		t.due, t.interval = time.Now().Add(first), interval
		round := t.round
		t.timer = time.AfterFunc(first, func() { p.alarm(round) })
	}
	return oldFirst, oldInterval
}

func (p *Process) alarm(round uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &p.timer
	if t.round != round {
		return
	}
	if t.interval > 0 {
		t.due = time.Now().Add(t.interval)
		t.timer.Reset(t.interval)
	} else {
		t.due = time.Time{}
	}
	p.raiseLocked(SIGALRM) // under the lock: after SetTimer there is no signal of the earlier setting
}
