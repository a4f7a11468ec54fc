package kernel

import "github.com/pglite-toolbox/pglite/engine/internal/memory"

// Builtin is a program that the host plays itself: it writes its output and exits with 0.
type Builtin string

// New implements Program.
func (b Builtin) New(p *Process) (Instance, error) {
	return &builtinInstance{output: string(b), p: p}, nil
}

type builtinInstance struct {
	output string
	p      *Process
}

func (b *builtinInstance) Memory() *memory.Region          { return nil }
func (b *builtinInstance) Signals() Ptr                    { return 0 }
func (b *builtinInstance) Fork(*Process) (Instance, error) { panic("a builtin program forks") }
func (b *builtinInstance) Exit(Status)                     {}
func (b *builtinInstance) Close() error                    { return nil }
func (b *builtinInstance) Run(forked bool) (Status, error) {
	_, err := b.p.Write(1, []byte(b.output))
	if b.p.Killed() {
		return Signaled(SIGKILL), nil
	}
	if err != nil {
		return Exited(1), nil
	}
	return Exited(0), nil
}
