package repl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// argument is an argument of a backslash command.
type argument struct {
	text   string
	quoted bool // some of it stood in '…'
}

// splitArguments reads the arguments of a backslash command the way psql does for most of them: white space separates,
// '…' keeps it, with ” for a quote and the escapes of C, "…" keeps it and stays, and outside quotes :name, :'name' and
// :"name" are variables.
func splitArguments(text string, lookup func(string, byte) (string, bool)) ([]argument, error) {
	var args []argument
	for {
		text = strings.TrimLeft(text, " \t\r\f\v")
		if text == "" {
			return args, nil
		}
		arg, rest, err := nextArgument(text, lookup)
		if err != nil {
			return nil, err
		}
		args, text = append(args, arg), rest
	}
}

var errUnterminated = errors.New("unterminated quoted string")

// nextArgument reads one argument and returns what follows it.
func nextArgument(text string, lookup func(string, byte) (string, bool)) (arg argument, rest string, err error) {
	var b strings.Builder
	for text != "" && !isSpace(text[0]) {
		switch text[0] {
		case '\'':
			if text, err = readQuoted(&b, text[1:]); err != nil {
				return arg, "", err
			}
			arg.quoted = true
		case '"':
			end := strings.IndexByte(text[1:], '"')
			if end < 0 {
				return arg, "", errUnterminated
			}
			b.WriteString(text[:end+2])
			text = text[end+2:]
		case '`':
			end := strings.IndexByte(text[1:], '`')
			if end < 0 {
				return arg, "", errUnterminated
			}
			out, err := shellCommand(text[1 : end+1]).Output()
			if err != nil {
				return arg, "", fmt.Errorf("%s: %w", text[1:end+1], err)
			}
			b.WriteString(strings.TrimRight(string(out), "\r\n"))
			text = text[end+2:]
		case ':':
			n := readVariable(&b, text, lookup)
			text = text[n:]
		default:
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	arg.text = b.String()
	return arg, text, nil
}

// readQuoted reads up to the closing quote and returns what follows it.
func readQuoted(b *strings.Builder, text string) (rest string, err error) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			c, n := unescape(text[i+1:])
			b.WriteByte(c)
			i += n
		case c == '\'' && strings.HasPrefix(text[i:], "''"):
			i++
			b.WriteByte('\'')
		case c == '\'':
			return text[i+1:], nil
		default:
			b.WriteByte(c)
		}
	}
	return "", errUnterminated
}

// unescape returns the character that stands for what follows a backslash, as C spells it, and how much of the text that is: n, t, b, r,
// f, up to three octal digits, x and up to two hexadecimal ones, or the character itself.
func unescape(text string) (c byte, length int) {
	if i := strings.IndexByte("ntbrf", text[0]); i >= 0 {
		return "\n\t\b\r\f"[i], 1
	}
	digits := func(from, most int, set string) string {
		n := from
		for n < len(text) && n < from+most && strings.IndexByte(set, text[n]) >= 0 {
			n++
		}
		return text[from:n]
	}
	if octal := digits(0, 3, "01234567"); octal != "" {
		n, _ := strconv.ParseUint(octal, 8, 16)
		return byte(n), len(octal)
	}
	if hex := digits(1, 2, "0123456789abcdefABCDEF"); text[0] == 'x' && hex != "" {
		n, _ := strconv.ParseUint(hex, 16, 8)
		return byte(n), 1 + len(hex)
	}
	return text[0], 1
}

// readVariable writes the value of the variable at the start of text, or the text itself, and returns how much it read.
func readVariable(b *strings.Builder, text string, lookup func(string, byte) (string, bool)) int {
	name, quote, n := variableName(text)
	if n == 0 {
		b.WriteByte(':')
		return 1
	}
	value, known := lookup(name, quote)
	if !known {
		value = text[:n]
	}
	b.WriteString(value)
	return n
}
