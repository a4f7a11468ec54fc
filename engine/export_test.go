package engine

import "github.com/pglite-toolbox/pglite/engine/internal/kernel"

// KillPostmaster ends the postmaster as the system's SIGKILL does.
func KillPostmaster(db *DB) { db.postmaster.Signal(kernel.SIGKILL) }
