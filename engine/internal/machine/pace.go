package machine

import (
	"runtime"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// The loop hook comes to the host about every paceTarget: often enough that a session which becomes ready beside busy
// ones waits little, seldom enough to cost less than a hundredth. How many rounds of loops that is differs a
// hundredfold, so it is measured and kept between the bounds.
const (
	paceTarget = 100 * time.Microsecond
	minRounds  = 1_000
	maxRounds  = 256_000
)

// BatchRounds is how many rounds of an innermost loop without calls are counted at once: in a tight loop the counter in
// memory costs a fifth of the time, one in a register nothing that was seen.
const BatchRounds = 64

// Pace is how many rounds of loops an instance goes between two looks at the host.
type Pace struct {
	rounds uint64
	last   time.Time // when the last look ended
}

// Look is what an instance does when its loop hook comes to the host: Go cannot stop compiled code for a collection or
// for another goroutine, so the code comes here to be stopped. A killed process ends here. Look returns how many rounds
// to go to the next look.
func (p *Pace) Look(process *kernel.Process) (rounds uint64) {
	process.CheckKilled()
	p.adapt(time.Now())
	runtime.Gosched()
	p.last = time.Now()
	return p.rounds
}

// adapt sets the next number of rounds from how long the last ones took. Time spent waiting in the host counts as well:
// it makes the next looks too frequent for a moment, which costs little.
func (p *Pace) adapt(now time.Time) {
	took := now.Sub(p.last)
	switch {
	case took < paceTarget/2:
		p.rounds = min(2*p.rounds, maxRounds)
	case took > 2*paceTarget:
		p.rounds /= 2
	}
	p.rounds = max(p.rounds, minRounds)
}
