// Package hexdump shows wire bytes: as offsets, hexadecimal and ASCII, and as the named messages of PostgreSQL's protocol with their
// fields. Passwords and what could stand for one are never shown.
package hexdump
