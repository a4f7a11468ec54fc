// Package server is the door to a running cluster: it listens on Unix-domain and TCP sockets and hands each connection
// to the postmaster, which sees the client's own address. Authentication, sessions and limits are PostgreSQL's; the
// door adds TLS.
//
//	s, err := server.Listen(server.Config{SocketDir: "/tmp"})
//	err = s.Serve(ctx, db) // a query has succeeded; clients come in
//	…
//	s.StopListening()
//	err = db.Close()       // fast shutdown: each client is told
//	err = s.Close()
package server
