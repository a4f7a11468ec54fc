package repl

import (
	"errors"
	"fmt"
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
			i++
			b.WriteByte(unescape(text[i]))
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

func unescape(c byte) byte {
	if i := strings.IndexByte("ntbrf", c); i >= 0 {
		return "\n\t\b\r\f"[i]
	}
	return c
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
