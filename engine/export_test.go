package engine

import "github.com/pglite-toolbox/pglite/engine/internal/kernel"

// KillPostmaster ends the postmaster as the system's SIGKILL does.
func KillPostmaster(db *DB) { db.postmaster.Signal(kernel.SIGKILL) }

// KillProcess ends any process of the server as the system's SIGKILL does.
func KillProcess(db *DB, pid int32) error { return db.postmaster.Kill(pid, kernel.SIGKILL) }

// KillOwnPostmaster is KillPostmaster for a DB that was attached and has taken the server over; it waits for the end.
func KillOwnPostmaster(db *DB) {
	_, own, _ := db.visitor.state()
	KillPostmaster(own)
	<-own.postmaster.Done()
}

// Quiet is how long a session has to be idle at first for Release to end it.
const Quiet = quiet
