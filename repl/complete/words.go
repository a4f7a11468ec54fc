package complete

import (
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// place is a place in a statement.
type place struct {
	words []string // of the statement before the place; a closed group in parentheses is the word "()"
	word  string   // what is typed of the word at the place
	text  bool     // the place is in a comment or a string of which nothing can be known
}

// placeAt returns the place at the end of a text.
func placeAt(text string) (p place) {
	for text != "" {
		n, kind := token(text)
		part, rest := text[:n], text[n:]
		switch {
		case kind == blank:
		case kind == unfinished:
			return place{text: true}
		case rest == "" && (kind == word || kind == literal && !closed(part)):
			p.word = part
		case part == ";":
			p.words = nil
		case part == ")":
			p.words = closeGroup(p.words)
		default:
			p.words = append(p.words, part)
		}
		text = rest
	}
	p.words = shortened(p.words)
	return p
}

// most is how many words of a statement count. Those in the middle of longer ones say nothing about its end.
const most = 200

func shortened(words []string) []string {
	if len(words) <= most {
		return words
	}
	return append(words[:most/4:most/4], words[len(words)-most*3/4:]...)
}

// closeGroup puts the word "()" in the place of the last group that is open.
func closeGroup(words []string) []string {
	for i := len(words) - 1; i >= 0; i-- {
		if words[i] == "(" {
			return append(words[:i], "()")
		}
	}
	return append(words, ")")
}

// tokenKind tells tokens apart.
type tokenKind int

const (
	blank      tokenKind = iota // white space or a comment
	word                        // an identifier, with dots, or a number
	literal                     // '…', the text not necessarily closed
	symbol                      // an operator, or one of the signs ( ) , ;
	unfinished                  // a comment or a dollar quote that is not closed
)

// token returns the length of the token at the start of a text that is not empty.
func token(text string) (n int, kind tokenKind) {
	switch c := text[0]; {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		return 1, blank
	case strings.HasPrefix(text, "--"):
		end := strings.IndexByte(text, '\n')
		if end < 0 {
			return len(text), unfinished
		}
		return end + 1, blank
	case strings.HasPrefix(text, "/*"):
		return until(text, "*/", blank)
	case c == '$':
		return dollar(text)
	case c == '\'':
		return quoted(text, 1), literal
	case (c == 'E' || c == 'e') && strings.HasPrefix(text[1:], "'"):
		return quoted(text, 2), literal
	case c == '"' || c == '\\' || lex.IsWordStart(c) || c >= '0' && c <= '9':
		return identifier(text), word
	case strings.HasPrefix(text, "::"):
		return 2, symbol
	case strings.IndexByte("(),;[]:.", c) >= 0:
		return 1, symbol
	}
	n = 1
	for n < len(text) && strings.IndexByte("+-*/<>=~!@#%^&|`?", text[n]) >= 0 {
		n++
	}
	return n, symbol
}

// until returns the length up to and with an end, and that the token is unfinished where there is none.
func until(text, end string, kind tokenKind) (int, tokenKind) {
	if i := strings.Index(text[len(end):], end); i >= 0 {
		return len(end) + i + len(end), kind
	}
	return len(text), unfinished
}

// dollar returns the length of a dollar quote or a parameter.
func dollar(text string) (int, tokenKind) {
	n := 1
	for n < len(text) && lex.IsWord(text[n]) && text[n] != '$' {
		n++
	}
	if n == len(text) || text[n] != '$' {
		return n, word
	}
	return until(text, text[:n+1], literal)
}

// quoted returns the length of a string that begins before from.
func quoted(text string, from int) int {
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '\\' && from == 2:
			i++
		case strings.HasPrefix(text[i:], "''"):
			i++
		case text[i] == '\'':
			return i + 1
		}
	}
	return len(text)
}

// closed reports whether a string has its closing quote.
func closed(text string) bool {
	return len(text) > 1 && strings.HasSuffix(text, "'") && strings.Count(text, "'")%2 == 0
}

// identifier returns the length of names with dots between them.
func identifier(text string) int {
	inside := false
	for i := range len(text) {
		c := text[i]
		if c == '"' {
			inside = !inside
		} else if !inside && !lex.IsWord(c) && c != '.' && (c != '\\' || i > 0) {
			return i
		}
	}
	return len(text)
}

// splitName cuts a name at its last dot that is not in quotes.
func splitName(name string) (qualifier, last string, qualified bool) {
	inside := false
	dot := -1
	for i := range len(name) {
		switch {
		case name[i] == '"':
			inside = !inside
		case name[i] == '.' && !inside:
			dot = i
		}
	}
	if dot < 0 {
		return "", name, false
	}
	return name[:dot], name[dot+1:], true
}

// isName reports whether a word can be the name of a relation, with its schema or without.
func isName(word string) bool {
	return word != "" && (word[0] == '"' || lex.IsWordStart(word[0])) && strings.Count(word, `"`)%2 == 0
}
