// Package hexdump shows wire bytes: as offsets, hexadecimal and ASCII, and as the named messages of PostgreSQL's
// protocol with their fields. It records them, shows recordings, and replays them to a server.
//
// Secrets are hidden in all that is shown and recorded, as far as that can be done. Messages that are made for
// passwords, keys and proofs are always hidden. In SQL and in data a secret is found by what stands around it, such as
// the word PASSWORD or the form of a connection string. A secret that nothing announces is shown.
package hexdump
