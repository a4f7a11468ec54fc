// Package install provides what a PostgreSQL server needs before it can start: the runtime, unpacked from the archive
// that is built into the program, and a cluster, copied from the runtime's template or made by the real initdb.
//
//	mount, err := install.InitIn(ctx, dir)  // dir is the data directory; a cluster that is there is reused
//	db, err := engine.Open(ctx, engine.Config{DataDir: mount.Data, Runtime: mount.Runtime})
//
// Whatever is made is made in a temporary directory beside its place, written to stable storage, and renamed at the
// end: a program that is killed leaves all of it or nothing, and what it leaves of the temporary directory the next one
// clears away. Files are 0600, directories 0700. All functions are safe for concurrent use, by several programs too.
package install
