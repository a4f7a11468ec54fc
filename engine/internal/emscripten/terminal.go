package emscripten

import (
	"encoding/binary"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// The ioctls of terminals (ioctl_tty(2)).
const (
	tcgets     = 0x5401
	tcsets     = 0x5402
	tcsetsw    = 0x5403
	tcsetsf    = 0x5404
	tiocgwinsz = 0x5413 // isatty uses it as well
)

func (c call) ioctl(fd int32, request uint32, list ptr) error {
	t, err := c.Terminal(fd)
	if err != nil {
		return errno.ENOTTY
	}
	switch request {
	case tiocgwinsz:
		columns, rows := t.Size()
		b := c.bytes(ptr(c.vararg(list, 0)), 8)
		binary.LittleEndian.PutUint16(b, uint16(rows))
		binary.LittleEndian.PutUint16(b[2:], uint16(columns))
		binary.LittleEndian.PutUint32(b[4:], 0)
		return nil
	case tcgets:
		putTermios(c.bytes(ptr(c.vararg(list, 0)), termiosSize), t)
		return nil
	case tcsets, tcsetsw, tcsetsf:
		b := c.bytes(ptr(c.vararg(list, 0)), termiosSize)
		if t.SetEcho(binary.LittleEndian.Uint32(b[localModes:])&echo != 0) != nil {
			return errno.EIO
		}
		return nil
	}
	return errno.ENOTTY
}

// struct termios of musl, of which only ECHO means something to the host.
const (
	termiosSize = 60
	localModes  = 12 // the offset of c_lflag

	icrnl, ixon          = 0o400, 0o2000 // of c_iflag
	opost, onlcr         = 0o1, 0o4      // of c_oflag
	cs8, cread           = 0o60, 0o200   // of c_cflag
	isig, icanon, echo   = 0o1, 0o2, 0o10
	echoe, echok, iexten = 0o20, 0o40, 0o100000
)

// putTermios writes the modes of a terminal that a person types at line by line.
func putTermios(b []byte, t *kernel.Terminal) {
	clear(b)
	local := uint32(isig | icanon | echoe | echok | iexten)
	if t.Echoes() {
		local |= echo
	}
	for i, modes := range []uint32{icrnl | ixon, opost | onlcr, cs8 | cread, local} {
		binary.LittleEndian.PutUint32(b[4*i:], modes)
	}
}
