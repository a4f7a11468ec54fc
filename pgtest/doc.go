// Package pgtest gives each test a PostgreSQL database of its own.
//
//	//go:embed schema
//	var schema embed.FS
//
//	func TestOrders(t *testing.T) {
//		t.Parallel()
//		db := pgtest.New(t, pgtest.Schema(schema))
//		store := openStore(db.URI()) // any driver
//		…
//	}
//
// The first New of a test binary starts a server in memory, which is gone with the process; no TestMain is needed. What sets a database up
// runs once for each distinct content, into a template, of which every test gets a copy. The database is dropped when the test has ended. When the
// test has failed, what the server said about the database goes to t.Log; with PGTEST_KEEP in the environment the database is kept too, and New
// says how to look at it.
//
// # One server for several packages
//
// go test runs a process for each package. To have one server and one template for all of them:
//
//	pglite -D memory: --set max_connections=500 --set fsync=off serve -- go test ./...
//
// pglite serve sets PGTEST_SERVER, the URI of the server, which New then uses instead of a server of its own. Any PostgreSQL will do there,
// whose user may create databases.
//
// # Settings
//
// The server in memory has settings for tests: max_connections is 500, fsync, full_page_writes, synchronous_commit and autovacuum are off. A
// database has no data but those of its template, so nothing is lost with a crash.
package pgtest
