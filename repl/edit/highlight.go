package edit

import (
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// The colours of a terminal (ECMA-48).
const (
	colorKeyword = "\x1b[1;34m"
	colorString  = "\x1b[32m"
	colorComment = "\x1b[90m"
	colorCommand = "\x1b[35m"
	colorNone    = "\x1b[0m"
)

// highlight colours keywords, strings, comments and backslash commands.
func highlight(text string) string {
	if strings.HasPrefix(strings.TrimLeft(text, " "), `\`) {
		return colorCommand + text + colorNone
	}
	var b strings.Builder
	for text != "" {
		n, color := token(text)
		if color == "" {
			b.WriteString(text[:n])
		} else {
			b.WriteString(color + text[:n] + colorNone)
		}
		text = text[n:]
	}
	return b.String()
}

// token returns the length of the token at the start of text and its colour.
func token(text string) (length int, color string) {
	until := func(end string, from int) int {
		if i := strings.Index(text[from:], end); i >= 0 {
			return from + i + len(end)
		}
		return len(text)
	}
	switch {
	case text[0] == '\'':
		return until("'", 1), colorString
	case strings.HasPrefix(text, "$$"):
		return until("$$", 2), colorString
	case text[0] == '"':
		return until(`"`, 1), ""
	case strings.HasPrefix(text, "--"):
		return until("⏎", 2), colorComment
	case strings.HasPrefix(text, "/*"):
		return until("*/", 2), colorComment
	case !lex.IsWordStart(text[0]):
		return 1, ""
	}
	n := 1
	for n < len(text) && lex.IsWord(text[n]) && !strings.HasPrefix(text[n:], "⏎") {
		n++
	}
	if _, found := slices.BinarySearch(lex.Keywords, strings.ToUpper(text[:n])); found {
		return n, colorKeyword
	}
	return n, ""
}
