package kernel

import (
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// shellCommand is what Spawn understands of a shell's language: words with quotes and redirections.
type shellCommand struct {
	words    []string
	redirect []redirection
}

type redirection struct {
	fd     int
	name   string // a file, or
	dup    int    // a descriptor when name is empty
	flags  int
	isFile bool
}

// blanks separate words. A newline would end the command.
const blanks = " \t"

// parseCommand takes a command line of the POSIX shell apart; ok is false for what needs a real shell: pipes, lists,
// expansions, comments, assignments (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html).
func parseCommand(line string) (c shellCommand, ok bool) {
	line = strings.TrimLeft(line, blanks+"\n")
	for {
		line = skipBlanks(line)
		if strings.Trim(line, blanks+"\n") == "" {
			return c, len(c.words) > 0
		}
		var word string
		r, rest, redirects := parseRedirection(line)
		switch {
		case redirects && r.isFile:
			if r.name, line, ok = parseWord(skipBlanks(rest)); !ok {
				return shellCommand{}, false
			}
			c.redirect = append(c.redirect, r)
		case redirects:
			line = rest
			c.redirect = append(c.redirect, r)
		default:
			assigns := len(c.words) == 0 && isAssignment(line)
			if word, line, ok = parseWord(line); !ok || assigns {
				return shellCommand{}, false
			}
			c.words = append(c.words, word)
		}
	}
}

// skipBlanks skips blanks and continued lines.
func skipBlanks(line string) string {
	for {
		line = strings.TrimLeft(line, blanks)
		rest, continued := strings.CutPrefix(line, "\\\n")
		if !continued {
			return line
		}
		line = rest
	}
}

// isAssignment reports whether line begins with NAME=.
func isAssignment(line string) bool {
	for i := range len(line) {
		switch c := line[i]; {
		case c == '=':
			return i > 0
		case c == '_', c|0x20 >= 'a' && c|0x20 <= 'z', isDigit(c) && i > 0:
		default:
			return false
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// redirections are the operators; what takes a descriptor comes before what takes a file.
var redirections = []struct {
	text string
	r    redirection
}{
	{">&", redirection{fd: 1}},
	{"<&", redirection{fd: 0}},
	{">>", redirection{fd: 1, isFile: true, flags: vfs.O_WRONLY | vfs.O_CREAT | vfs.O_APPEND}},
	{">", redirection{fd: 1, isFile: true, flags: vfs.O_WRONLY | vfs.O_CREAT | vfs.O_TRUNC}},
	{"<", redirection{fd: 0, isFile: true, flags: vfs.O_RDONLY}},
}

// parseRedirection takes an operator off the line, with the digits around it; the name of a file comes after it.
func parseRedirection(line string) (r redirection, rest string, ok bool) {
	number := line != "" && isDigit(line[0])
	operator := line
	if number {
		operator = line[1:]
	}
	for _, o := range redirections {
		if rest, ok = strings.CutPrefix(operator, o.text); !ok {
			continue
		}
		r = o.r
		if number {
			r.fd = int(line[0] - '0')
		}
		if r.isFile {
			return r, rest, true
		}
		if rest == "" || !isDigit(rest[0]) || len(rest) > 1 && strings.IndexByte(blanks+"\n<>", rest[1]) < 0 {
			return r, line, false
		}
		r.dup = int(rest[0] - '0')
		return r, rest[1:], true
	}
	return r, line, false
}

// parseWord takes one word off the line: quotes and backslashes as the shell has them.
func parseWord(line string) (word, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t', '\n':
			return b.String(), line[i:], i > 0
		case '<', '>':
			// Digits alone would be the number of a descriptor, which parseRedirection has not taken.
			return b.String(), line[i:], strings.Trim(line[:i], "0123456789") != ""
		case '\'':
			end := strings.IndexByte(line[i+1:], '\'')
			if end < 0 {
				return "", "", false
			}
			b.WriteString(line[i+1 : i+1+end])
			i += end + 1
		case '"':
			n := doubleQuoted(&b, line[i+1:])
			if n < 0 {
				return "", "", false
			}
			i += n
		case '\\':
			if i++; i == len(line) {
				return "", "", false
			}
			if line[i] != '\n' {
				b.WriteByte(line[i])
			}
		case '|', '&', ';', '(', ')', '`', '$', '*', '?', '[':
			return "", "", false
		default:
			if i == 0 && (c == '#' || c == '~') {
				return "", "", false
			}
			b.WriteByte(c)
		}
	}
	return b.String(), "", line != ""
}

// doubleQuoted reads to the closing quote and returns how many bytes that took. It returns -1 if there is none, or if
// an expansion is asked for.
func doubleQuoted(b *strings.Builder, s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '$', '`':
			return -1
		case '\\':
			if i+1 < len(s) && strings.IndexByte("\"\\$`\n", s[i+1]) >= 0 {
				i++
			}
			if s[i] != '\n' {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return -1
}
