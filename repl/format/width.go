package format

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// RuneWidth returns how many columns a terminal gives to a character, and -1 for a control character. As in PostgreSQL
// it goes by the single code point: combining and format characters are 0, East Asian wide ones and emoji 2.
func RuneWidth(r rune) int {
	switch {
	case r == 0:
		return 0
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return -1
	case r < 0x300:
		if r == 0xad {
			return 0
		}
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// textLine is one line of a value as it will be shown, and the columns it takes.
type textLine struct {
	text  string
	width int
}

// showLines cuts a value into lines and makes control characters visible, the way psql's tables show them: a tab goes
// to the next multiple of eight, other control characters become \r, \x01 or \u0080.
func (e Encoding) showLines(value string) []textLine {
	if plain(value) {
		return []textLine{{value, len(value)}}
	}
	var lines []textLine
	for line := range strings.SplitSeq(value, "\n") {
		lines = append(lines, e.showLine(line))
	}
	return lines
}

// plain reports whether every byte is one column wide.
func plain(value string) bool {
	for i := range len(value) {
		if value[i] < 0x20 || value[i] >= 0x7f {
			return false
		}
	}
	return true
}

func (e Encoding) showLine(line string) textLine {
	if e != UTF8 {
		return e.showBytes(line)
	}
	var b strings.Builder
	columns := 0
	for i, r := range line {
		shown := string(r)
		w := RuneWidth(r)
		switch {
		case r == '\t':
			w = 8 - columns%8
			shown = strings.Repeat(" ", w)
		case r == '\r':
			shown, w = `\r`, 2
		case r == utf8.RuneError && !strings.HasPrefix(line[i:], "\uFFFD"):
			shown, w = fmt.Sprintf(`\x%02X`, line[i]), 4
		case w < 0 && r < 0x80:
			shown, w = fmt.Sprintf(`\x%02X`, r), 4
		case w < 0:
			shown, w = fmt.Sprintf(`\u%04X`, r), 6
		}
		b.WriteString(shown)
		columns += w
	}
	return textLine{b.String(), columns}
}

// showBytes is showLine for text in another encoding, which is passed on as it is.
func (e Encoding) showBytes(line string) textLine {
	var b strings.Builder
	columns := 0
	for line != "" {
		n, w := e.next(line)
		shown := line[:n]
		switch c := line[0]; {
		case c == '\t':
			w = 8 - columns%8
			shown = strings.Repeat(" ", w)
		case c == '\r':
			shown, w = `\r`, 2
		case c < 0x20, c == 0x7f:
			shown, w = fmt.Sprintf(`\x%02X`, c), 4
		}
		b.WriteString(shown)
		columns += w
		line = line[n:]
	}
	return textLine{b.String(), columns}
}

// TextWidth returns the columns of the widest line of a text as it will be shown.
func TextWidth(text string) int { return widest(UTF8.showLines(text)) }

// widest returns the columns of the widest line.
func widest(lines []textLine) int {
	most := 0
	for _, line := range lines {
		most = max(most, line.width)
	}
	return most
}

// measure returns the columns of the widest line of a value as it will be shown, and how many lines it has.
func (e Encoding) measure(value []byte) (columns, lines int) {
	for _, c := range value {
		if c < 0x20 || c >= 0x7f {
			shown := e.showLines(string(value))
			return widest(shown), len(shown)
		}
	}
	return len(value), 1
}

// cutWidth returns as much of a line, as it is shown, as fits so many columns, and how many it takes. It is at least one
// character, even when that is wider.
func (e Encoding) cutWidth(text string, columns int) (piece string, taken int) {
	if len(text) <= columns && plain(text) {
		return text, len(text)
	}
	for i := 0; i < len(text); {
		n, w := e.character(text[i:])
		if taken+w > columns && taken != 0 {
			return text[:i], taken
		}
		taken += w
		i += n
	}
	return text, taken
}

// character returns how many bytes the first character of a text that is shown has, and how many columns.
func (e Encoding) character(text string) (bytes, columns int) {
	if e != UTF8 {
		return e.next(text)
	}
	r, n := utf8.DecodeRuneInString(text)
	return n, max(RuneWidth(r), 0)
}
