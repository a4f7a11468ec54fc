package wire

import (
	"fmt"
	"strings"
)

// bytesPerLine is how many bytes a line shows.
const bytesPerLine = 16

// Format shows bytes as lines of an offset, hexadecimal and ASCII, each after the mark, such as "->" or "<-", and at
// most limit lines; a last line tells how many bytes are not shown. A limit of 0 or less shows all. No bytes are no
// lines.
func Format(b []byte, mark string, limit int) string {
	var out strings.Builder
	for at := 0; at < len(b); at += bytesPerLine {
		if limit > 0 && at/bytesPerLine == limit {
			fmt.Fprintf(&out, "%s … %d more bytes\n", mark, len(b)-at)
			break
		}
		line(&out, mark, at, b[at:min(at+bytesPerLine, len(b))])
	}
	return out.String()
}

func line(out *strings.Builder, mark string, at int, b []byte) {
	fmt.Fprintf(out, "%s %04x ", mark, at)
	for i := range bytesPerLine {
		if i == bytesPerLine/2 {
			out.WriteByte(' ')
		}
		if i < len(b) {
			fmt.Fprintf(out, " %02x", b[i])
		} else {
			out.WriteString("   ")
		}
	}
	out.WriteString("  |")
	for _, c := range b {
		if c < ' ' || c > '~' {
			c = '.'
		}
		out.WriteByte(c)
	}
	out.WriteString("|\n")
}
