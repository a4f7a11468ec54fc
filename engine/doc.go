// Package engine runs PostgreSQL, the whole server with its postmaster, inside the Go program: the server is compiled
// to WebAssembly and its processes run on a kernel written in Go.
//
//	db, err := engine.Open(ctx, engine.Config{DataDir: dir, Runtime: runtime})
//	conn, err := db.Dial(ctx) // speaks PostgreSQL's protocol; any number at once
//	…
//	err = db.Close()          // fast shutdown
//
// A data directory has one owner, by an operating-system lock. What was committed is on stable storage: fsync is real
// and on unless the caller's settings turn it off. Package install finds or makes the runtime and the data directory.
package engine
