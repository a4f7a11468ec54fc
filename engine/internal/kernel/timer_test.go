package kernel

import (
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestTimerOnce(t *testing.T) {
	newBox(t).run(func(g *guest) {
		count := 0
		g.handle(SIGALRM, func() { count++ })
		start := time.Now()
		first, interval := g.SetTimer(3*time.Millisecond, 0)
		g.is(first == 0 && interval == 0, "earlier setting %v %v", first, interval)
		left, err := g.Sleep(patience)
		g.want(err, errno.EINTR)
		g.is(left > 0 && left < patience, "left %v", left)
		g.is(time.Since(start) >= 3*time.Millisecond, "after %v", time.Since(start))
		g.dispatch()
		_, err = g.Sleep(5 * time.Millisecond)
		g.ok(err)
		g.is(count == 1, "%d signals", count)
		first, interval = g.SetTimer(0, 0)
		g.is(first == 0 && interval == 0, "a timer that has fired is still set: %v %v", first, interval)
	})
}

func TestTimerInterval(t *testing.T) {
	newBox(t).run(func(g *guest) {
		count := 0
		g.handle(SIGALRM, func() { count++ })
		g.SetTimer(time.Millisecond, time.Millisecond)
		for count < 10 {
			_, err := g.Sleep(patience)
			g.want(err, errno.EINTR)
			g.dispatch()
		}
		first, interval := g.SetTimer(0, 0)
		g.is(first > 0 && first <= time.Millisecond && interval == time.Millisecond, "setting %v %v", first, interval)
		g.dispatch()
		count = 0
		_, err := g.Sleep(5 * time.Millisecond)
		g.ok(err)
		g.is(count == 0, "%d signals of a disarmed timer", count)
	})
}

func TestTimerTellsTheEarlierSetting(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.SetTimer(time.Hour, time.Minute)
		first, interval := g.SetTimer(2*time.Hour, 0)
		g.is(first > 59*time.Minute && first <= time.Hour && interval == time.Minute, "%v %v", first, interval)
		first, interval = g.SetTimer(0, time.Minute)
		g.is(first > time.Hour && interval == 0, "%v %v", first, interval)
		first, interval = g.SetTimer(0, 0)
		g.is(first == 0 && interval == 0, "%v %v", first, interval)
	})
}

// TestTimerDisarmed: once SetTimer has returned, no signal of the earlier setting becomes pending.
func TestTimerDisarmed(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.handle(SIGALRM, func() {})
		fired := 0
		for i := range 2000 {
			g.SetTimer(time.Duration(i%50)*time.Microsecond+1, time.Duration(i%3)*10*time.Microsecond)
			if i%2 == 0 {
				time.Sleep(time.Duration(i%40) * time.Microsecond)
			}
			g.SetTimer(0, 0)
			if g.words().pending.And(^SIGALRM.bit())&SIGALRM.bit() != 0 {
				fired++
			}
			if i%20 == 0 {
				time.Sleep(200 * time.Microsecond)
			}
			g.is(g.words().pending.Load() == 0, "round %d: a signal after the timer was disarmed", i)
		}
		g.is(fired > 0, "the timer never fired")
	})
}

// TestTimerRearmed: a timer that is set again and again fires once for the last setting.
func TestTimerRearmed(t *testing.T) {
	newBox(t).run(func(g *guest) {
		count := 0
		g.handle(SIGALRM, func() { count++ })
		for range 300 {
			g.SetTimer(time.Microsecond, 0)
			g.SetTimer(time.Hour, time.Microsecond)
			g.words().pending.And(^SIGALRM.bit())
			g.SetTimer(50*time.Microsecond, 0)
			count = 0
			for count == 0 {
				_, err := g.Sleep(patience)
				g.want(err, errno.EINTR)
				g.dispatch()
			}
			g.is(count == 1, "%d signals", count)
		}
	})
}

func TestTimerOfAnEndedProcess(t *testing.T) {
	b := newBox(t)
	for range 50 {
		p := b.start(func(g *guest) {
			g.ignore(SIGALRM)
			g.SetTimer(time.Microsecond, time.Microsecond)
		})
		wantStatus(t, p, Exited(0))
	}
	time.Sleep(2 * time.Millisecond) // firings after the end must touch nothing
}

func TestSleep(t *testing.T) {
	newBox(t).run(func(g *guest) {
		for _, d := range []time.Duration{-time.Second, 0, 1, 2 * time.Millisecond} {
			start := time.Now()
			left, err := g.Sleep(d)
			g.ok(err)
			g.is(left == 0 && time.Since(start) >= d, "sleep %v: left %v after %v", d, left, time.Since(start))
		}
	})
}
