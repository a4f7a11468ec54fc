package repl

import (
	"cmp"
	"net"
	"strconv"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// prompt returns the prompt for the next line: PROMPT1 when a statement starts, PROMPT2 when it goes on
// (https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-PROMPTING).
func (r *scriptRun) prompt() string {
	state := r.splitter.State()
	format := r.Variables["PROMPT1"]
	if state != lex.Ready {
		format = r.Variables["PROMPT2"]
	}
	return r.expandPrompt(format, state)
}

func (r *scriptRun) expandPrompt(format string, state lex.State) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch c := format[i]; c {
		case '`', ':':
			if end := strings.IndexByte(format[i+1:], c); end >= 0 {
				b.WriteString(r.promptText(c, format[i+1:i+1+end]))
				i += end + 1
			}
		case '0', '1', '2', '3', '4', '5', '6', '7':
			end := i
			for end < len(format) && end < i+3 && format[end] >= '0' && format[end] <= '7' {
				end++
			}
			code, _ := strconv.ParseUint(format[i:end], 8, 8)
			b.WriteByte(byte(code))
			i = end - 1
		case 'w':
			b.WriteString(r.promptIndent())
		default:
			b.WriteString(r.promptPart(c, state))
		}
	}
	return b.String()
}

// promptText returns the value of %:name: or the output of %`command`.
func (r *scriptRun) promptText(kind byte, text string) string {
	if kind == ':' {
		return r.Variables[text]
	}
	out, _ := r.Streams.output(text)
	return strings.TrimRight(out, "\r\n")
}

// promptIndent returns as many spaces as the last line of PROMPT1 is wide.
func (r *scriptRun) promptIndent() string {
	first := r.expandPrompt(strings.ReplaceAll(r.Variables["PROMPT1"], "%w", ""), lex.Ready)
	return strings.Repeat(" ", format.TextWidth(first[strings.LastIndexByte(first, '\n')+1:]))
}

func (r *scriptRun) promptPart(c byte, state lex.State) string {
	if r.unusable != nil && strings.IndexByte("/~nmM>pP", c) >= 0 {
		return "" // there is no connection of which to tell
	}
	switch c {
	case '/':
		return r.Database
	case '~':
		if r.Database == r.User || r.Database == r.Streams.Getenv("PGDATABASE") {
			return "~"
		}
		return r.Database
	case 'n':
		return cmp.Or(r.Status["session_authorization"], r.User)
	case 'm', 'M':
		return r.promptHost(c)
	case '>':
		return cmp.Or(r.Port, "5432")
	case 'p':
		return strconv.FormatUint(uint64(r.PID), 10)
	case 'l':
		return strconv.Itoa(r.splitter.NextLine())
	case '#':
		if r.unusable == nil && r.Status["is_superuser"] == "on" {
			return "#"
		}
		return ">"
	case 'R':
		return r.promptState(state)
	case 'x':
		if r.unusable != nil {
			return "?"
		}
		return map[byte]string{'T': "*", 'E': "!", 'I': "", 0: ""}[r.tx]
	case 's':
		return r.Variables["SERVICE"]
	case '?':
		return "" // kept for later by psql
	case 'P':
		return r.promptPipeline()
	case '[', ']':
		return "" // around what has no width, which the editor finds itself
	}
	return string([]byte{c}) // which may be the first byte of a character
}

func (r *scriptRun) promptState(state lex.State) string {
	switch {
	case state != lex.Ready:
	case !r.ifs.active():
		return "@"
	case r.unusable != nil:
		return "!"
	case r.Variables.flag("SINGLELINE", false):
		return "^"
	}
	return string(state.Prompt())
}

// promptHost returns the host, up to the first dot for %m, or the directory of a socket for %M.
func (r *scriptRun) promptHost(c byte) string {
	switch {
	case r.Host == "" || strings.HasPrefix(r.Host, "/") && c == 'm':
		return "[local]"
	case strings.HasPrefix(r.Host, "/"):
		return "[local:" + r.Host + "]"
	case c == 'm' && net.ParseIP(r.Host) == nil:
		host, _, _ := strings.Cut(r.Host, ".")
		return host
	}
	return r.Host
}

func (r *scriptRun) promptPipeline() string {
	switch {
	case r.pipe == nil:
		return "off"
	case r.pipe.aborted:
		return "abort"
	}
	return "on"
}
