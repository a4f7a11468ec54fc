package wasm

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// edits are the changes to function bodies.
type edits struct {
	fixFloatSelect bool
	hook           *loopCode
	frames         *frameCode
}

// batchSize is how many function bodies a goroutine takes at a time.
const batchSize = 128

// rewriteCode validates all function bodies and replaces the code section if
// one of them changes or functions are added.
func (p *plan) rewriteCode(Options) error {
	batches := make([][]byte, (len(p.m.bodies)+batchSize-1)/batchSize)
	var changed atomic.Bool
	err := p.m.forEachBatch(func(v *validator, batch, from, to int) error {
		w := bodyRewriter{validator: v, edits: p.edits}
		out := make([]byte, 0, p.m.batchBytes(from, to))
		for i := from; i < to; i++ {
			var err error
			if out, err = w.rewrite(out, i); err != nil {
				return err
			}
		}
		if w.changed {
			changed.Store(true)
		}
		batches[batch] = out
		return nil
	})
	if err != nil || !changed.Load() && len(p.functions) == 0 {
		return err
	}
	count := appendU32(nil, uint32(len(p.m.bodies)+len(p.functions)))
	var added []byte
	for _, f := range p.functions {
		added = append(appendU32(added, uint32(len(f.body))), f.body...)
	}
	p.replace(codeSection, append(append([][]byte{count}, batches...), added)...)
	return nil
}

// batchBytes is a guess, somewhat generous, at the rewritten size of bodies.
func (m *module) batchBytes(from, to int) int {
	size := m.bodies[to-1].end - m.bodies[from].start
	return size + size/8
}

// forEachBatch calls work for consecutive parts of the function bodies, on
// all processors. It returns the first part's error.
func (m *module) forEachBatch(work func(v *validator, batch, from, to int) error) error {
	n := (len(m.bodies) + batchSize - 1) / batchSize
	errs := make([]error, n)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			v := newValidator(m)
			for batch := int(next.Add(1)) - 1; batch < n; batch = int(next.Add(1)) - 1 {
				from := batch * batchSize
				errs[batch] = work(v, batch, from, min(from+batchSize, len(m.bodies)))
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
