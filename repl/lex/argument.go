package lex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Argument is an argument of a backslash command.
type Argument struct {
	Text   string
	quoted bool // some of it stood in '…'
}

// Expansion says what arguments stand for that are more than text. The zero value leaves all of them as they are.
type Expansion struct {
	// variable looks up a variable as Splitter.Variable does.
	Variable func(name string, quote byte) (string, bool)
	// run returns what a program prints, for `COMMAND`.
	Run func(command string) (string, error)
}

// SplitArguments reads the arguments of a backslash command the way psql does for most of them: white space separates,
// '…' keeps it, with ” for a quote and the escapes of C, "…" keeps it and stays, and outside quotes :name, :'name' and
// :"name" are variables and `COMMAND` is what a program prints, without the line ends at its end.
func SplitArguments(text string, e Expansion) ([]Argument, error) {
	var args []Argument
	for {
		text = strings.TrimLeft(text, " \t\r\f\v")
		if text == "" {
			return args, nil
		}
		arg, rest, err := nextArgument(text, e)
		if err != nil {
			return nil, err
		}
		args, text = append(args, arg), rest
	}
}

var errUnterminated = errors.New("unterminated quoted string")

// nextArgument reads one argument and returns what follows it.
func nextArgument(text string, e Expansion) (arg Argument, rest string, err error) {
	var b strings.Builder
	for text != "" && !IsSpace(text[0]) {
		switch text[0] {
		case '\'':
			if text, err = readQuoted(&b, text[1:]); err != nil {
				return arg, "", err
			}
			arg.quoted = true
		case '"', '`':
			end := strings.IndexByte(text[1:], text[0])
			if end < 0 {
				return arg, "", errUnterminated
			}
			part := text[:end+2]
			if text[0] == '`' {
				part, err = e.output(part)
			}
			if err != nil {
				return arg, "", err
			}
			b.WriteString(part)
			text = text[end+2:]
		case ':':
			n := e.readVariable(&b, text)
			text = text[n:]
		default:
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	arg.Text = b.String()
	return arg, text, nil
}

// output returns what the program in backquotes prints, without the line ends at its end.
func (e Expansion) output(quoted string) (string, error) {
	if e.Run == nil {
		return quoted, nil
	}
	command := strings.Trim(quoted, "`")
	out, err := e.Run(command)
	if err != nil {
		return "", fmt.Errorf("%s: %w", command, err)
	}
	return strings.TrimRight(out, "\r\n"), nil
}

// readQuoted reads up to the closing quote and returns what follows it.
func readQuoted(b *strings.Builder, text string) (rest string, err error) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			c, n := Unescape(text[i+1:])
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

// Unescape returns the character that stands for what follows a backslash, as C spells it, and how much of the text that is: n, t, b, r,
// f, up to three octal digits, x and up to two hexadecimal ones, or the character itself.
func Unescape(text string) (c byte, length int) {
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
func (e Expansion) readVariable(b *strings.Builder, text string) int {
	name, quote, n := variableName(text)
	if n == 0 {
		b.WriteByte(':')
		return 1
	}
	value := text[:n]
	if e.Variable != nil {
		if known, ok := e.Variable(name, quote); ok {
			value = known
		}
	}
	b.WriteString(value)
	return n
}

// ArgumentTexts returns the arguments without what says how they were quoted.
func ArgumentTexts(args []Argument) []string {
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = arg.Text
	}
	return texts
}
