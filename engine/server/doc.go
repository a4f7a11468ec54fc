// Package server lets clients connect to a running cluster. It listens on Unix-domain and TCP sockets, removes the TLS,
// and passes each connection to the postmaster, which sees the client's address. Authentication, sessions and limits
// are PostgreSQL's.
//
//	s, err := server.Listen(server.Config{SocketDir: "/tmp"})
//	err = s.Serve(ctx, db) // a query has succeeded; clients are accepted
//	…
//	s.StopListening()
//	err = db.Close()       // fast shutdown: each client is told
//	err = s.Close()
package server
