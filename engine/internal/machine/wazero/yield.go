package wazero

import (
	"context"

	"github.com/tetratelabs/wazero/api"
)

// yield is where the loop hook comes to the host.
func yield(ctx context.Context, _ api.Module, _ []uint64) {
	i := ctx.(*Instance)
	rounds := i.pace.Look(i.process)
	if i.rounds != nil {
		i.rounds.Set(rounds)
	}
}
