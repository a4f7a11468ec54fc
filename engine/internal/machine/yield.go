package machine

import (
	"context"
	"runtime"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// The loop hook comes to the host about every paceTarget: often enough that a session which becomes ready beside busy ones
// waits little, seldom enough to cost less than a hundredth. How many rounds of loops that is differs a hundredfold, so it is
// measured and kept between the bounds.
const (
	paceTarget = 100 * time.Microsecond
	minRounds  = 1_000
	maxRounds  = 256_000
)

// batchRounds is how many rounds of an innermost loop without calls are counted at once: in a tight loop the counter in memory
// costs a fifth of the time, one in a register nothing that was seen.
const batchRounds = 64

// pace is how many rounds of loops an instance goes between two looks at the host.
type pace struct {
	counter api.MutableGlobal // what is left of them; nil in a program without the hook
	rounds  uint64
	last    time.Time // when the last look ended
}

// adapt sets the next number of rounds from how long the last ones took. Time spent waiting in the host counts as well: it makes
// the next looks too frequent for a moment, which costs little.
func (p *pace) adapt(now time.Time) {
	took := now.Sub(p.last)
	switch {
	case took < paceTarget/2:
		p.rounds = min(2*p.rounds, maxRounds)
	case took > 2*paceTarget:
		p.rounds /= 2
	}
	p.rounds = max(p.rounds, minRounds)
	p.counter.Set(p.rounds)
}

// yield is where a process looks at the host: Go cannot stop compiled code for a collection or for another goroutine, so the code
// comes here to be stopped. A killed process ends here.
func yield(ctx context.Context, _ api.Module, _ []uint64) {
	i := ctx.(*Instance)
	i.process.CheckKilled()
	if i.pace.counter != nil {
		i.pace.adapt(time.Now())
	}
	runtime.Gosched()
	i.pace.last = time.Now()
}
