package repl

import (
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// fileWord is the name of a file that is being typed, the last word of the arguments of a backslash command.
type fileWord struct {
	before string // what stands before it
	name   string // what it stands for
	quoted bool   // its quote is open
	plain  bool   // it is a name and nothing but that: no variable, no program
}

// fileWordOf reads the last word of arguments. Those of \copy know no escapes, variables and programs, and quotes only
// around a whole word.
func fileWordOf(text string, copying bool) (w fileWord) {
	var name strings.Builder
	start := 0
	w.plain = true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case w.quoted && c == '\\' && !copying:
			if i+1 == len(text) {
				w.plain = false
				break
			}
			c, n := lex.Unescape(text[i+1:])
			name.WriteByte(c)
			i += n
		case w.quoted && strings.HasPrefix(text[i:], "''"):
			name.WriteByte('\'')
			i++
		case w.quoted && c == '\'':
			w.quoted = false
			w.plain = w.plain && !copying
		case w.quoted:
			name.WriteByte(c)
		case lex.IsSpace(c):
			name.Reset()
			start, w.plain = i+1, true
		case c == '\'':
			w.quoted = true
			w.plain = w.plain && (!copying || i == start)
		case copying:
			name.WriteByte(c)
		case c == '`':
			w.plain = false
			if end := strings.IndexByte(text[i+1:], '`'); end >= 0 {
				i += end + 1
			} else {
				return w
			}
		default:
			w.plain = w.plain && c != ':' && c != '"' && c != '\\'
			name.WriteByte(c)
		}
	}
	w.before, w.name = text[:start], name.String()
	return w
}

// endings returns how the word goes on to become the name of a file. What is more than letters is put in quotes, so that
// it is nothing but a name; a directory leaves them open.
func (w fileWord) endings(copying bool, files func(string) []string) (endings []string) {
	if !w.plain {
		return nil
	}
	for _, name := range files(w.name) {
		rest := name[len(w.name):]
		quoted := w.quoted
		if !quoted && strings.ContainsFunc(rest, needsQuotes) {
			if copying && w.name != "" {
				continue // its quotes would have to stand before what is typed
			}
			quoted = true
		}
		directory := strings.HasSuffix(rest, "/")
		if quoted {
			rest = quoteEnding(rest, copying)
			if !directory {
				rest += "'"
			}
			if !w.quoted {
				rest = "'" + rest
			}
		}
		if !directory {
			rest += " "
		}
		endings = append(endings, rest)
	}
	return endings
}

// needsQuotes reports whether a character of a file's name needs quotes to be no more than itself.
func needsQuotes(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_./~-", r)
}

// quoteEnding returns text as it stands between quotes.
func quoteEnding(text string, copying bool) string {
	if !copying {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	return strings.ReplaceAll(text, "'", "''")
}

// fileNames returns the files whose names begin so and are longer, directories with a slash. A name that starts with |
// is not among them, as commands take it for a program.
func (s *Streams) fileNames(word string) (names []string) {
	dir, start := filepath.Split(word)
	entries, err := os.ReadDir(s.Path(filepath.Clean(dir + ".")))
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(start, ".") || !strings.HasPrefix(name, start) || !graphic(name) {
			continue
		}
		if info, err := os.Stat(s.Path(dir + name)); err == nil && info.IsDir() {
			name += "/"
		}
		if name = dir + name; len(name) > len(word) && name[0] != '|' {
			names = append(names, name)
		}
	}
	return names
}

// graphic reports whether a name can be shown and typed: it holds no control characters, and nothing that is no
// character.
func graphic(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) })
}
