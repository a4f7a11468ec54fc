package cmd

import (
	"os"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// passwordAsker returns what asks for a password on the terminal, nil when there is none or nobody is to be asked.
func (p *program) passwordAsker(plan *plan) pgclient.Asker {
	in, ok := p.streams.In.(*os.File)
	if !ok || !p.streams.InTerminal || plan.noPassword {
		return nil
	}
	return pgclient.TerminalAsker(in, p.streams.Err)
}
