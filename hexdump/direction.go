package hexdump

import "github.com/pglite-toolbox/pglite/internal/wire"

// Direction is who sent bytes: its value is '>' or '<', as in a capture.
type Direction = wire.Direction

// The two directions.
const (
	FromClient = wire.FromClient
	FromServer = wire.FromServer
)

// Format shows bytes as lines of an offset, hexadecimal and ASCII, each after the mark, such as "->" or "<-", and at
// most limit lines; a last line tells how many bytes are not shown. A limit of 0 or less shows all. No bytes are no
// lines.
func Format(b []byte, mark string, limit int) string { return wire.Format(b, mark, limit) }
