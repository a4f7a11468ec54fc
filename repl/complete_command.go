package repl

import (
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/complete"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// typing is what was typed of the arguments of a backslash command.
type typing struct {
	text   string   // all of it
	start  int      // where the last word starts in it
	before []string // the words before the last
	word   string   // the last, which is to be completed
}

// typingOf reads the arguments that were typed.
func typingOf(text string) typing {
	start := strings.LastIndexAny(text, " \t'") + 1
	return typing{text, start, strings.Fields(strings.TrimRight(text[:start], "'")), text[start:]}
}

// typed returns how many characters of the word are typed.
func (t typing) typed() int { return len([]rune(t.word)) }

// completer returns how the last word of a command's arguments may go on, and how many characters of it are typed.
type completer func(s *Session, t typing) (endings []string, typed int)

// completeCommand returns how the last word of a backslash command may go on.
func (s *Session) completeCommand(text string) (endings []string, typed int) {
	name, rest, _ := strings.Cut(text[1:], " ")
	t := typingOf(rest)
	if strings.HasPrefix(t.word, ":") {
		return endingsOf(s.variableNames(t.word), t.word)
	}
	if c, known := find(name); known && c.takes != nil {
		return c.takes(s, t)
	}
	return nil, t.typed()
}

// words completes the first argument with one of some words.
func words(words ...string) completer {
	return func(_ *Session, t typing) ([]string, int) {
		if len(t.before) > 0 {
			return nil, t.typed()
		}
		return endingsOf(slices.Clone(words), t.word)
	}
}

// names completes each argument with the names of a kind, "" for none.
func names(kinds ...string) completer {
	return func(s *Session, t typing) ([]string, int) {
		if len(t.before) >= len(kinds) {
			return nil, t.typed()
		}
		return s.namesOfKind(kinds[len(t.before)], t)
	}
}

// namesAndTypes completes the first argument with the names of a kind, and those after it with types.
func namesAndTypes(kind string) completer {
	return func(s *Session, t typing) ([]string, int) {
		if len(t.before) > 0 {
			return s.namesOfKind("types", t)
		}
		return s.namesOfKind(kind, t)
	}
}

// namesOfKind completes the word with the names of a kind.
func (s *Session) namesOfKind(kind string, t typing) ([]string, int) {
	return endingsOf(s.names(complete.Query(kind, t.word, "")), t.word)
}

// files completes the name of a file.
func files(s *Session, t typing) ([]string, int) {
	return fileWordOf(t.text, false).endings(false, s.Streams.fileNames), t.typed()
}

// copyArguments completes the relation of \copy, and after FROM and TO the place.
func copyArguments(s *Session, t typing) (endings []string, typed int) {
	file := fileWordOf(t.text, true)
	before := strings.Fields(file.before)
	last := len(before) - 1
	if last < 1 || !strings.EqualFold(before[last], "from") && !strings.EqualFold(before[last], "to") {
		return names("copied")(s, t)
	}
	endings, typed = endingsOf([]string{"stdin", "stdout", "pstdin", "pstdout", "program"}, t.word)
	if file.quoted {
		endings = nil
	}
	return append(endings, file.endings(true, s.Streams.fileNames)...), typed
}

// sqlCommandArguments completes the name of an SQL command for \h.
func sqlCommandArguments(s *Session, t typing) ([]string, int) {
	before := strings.ToUpper(strings.TrimLeft(t.text[:t.start], " "))
	var rests []string
	for _, name := range sqlCommands {
		if rest, ok := strings.CutPrefix(name, before); ok {
			rests = append(rests, rest)
		}
	}
	return s.keywordEndings(rests, t.word), t.typed()
}

// psetArguments completes an option and its value.
func psetArguments(_ *Session, t typing) ([]string, int) {
	switch len(t.before) {
	case 0:
		return endingsOf(slices.Clone(format.OptionNames), t.word)
	case 1:
		return endingsOf(optionValues(t.before[0]), t.word)
	}
	return nil, t.typed()
}

// setArguments completes a special variable and its value.
func setArguments(_ *Session, t typing) ([]string, int) {
	switch len(t.before) {
	case 0:
		return endingsOf(specialNames(), t.word)
	case 1:
		return endingsOf(strings.Split(specials[t.before[0]].values, ", "), t.word)
	}
	return nil, t.typed()
}

// unsetArguments completes a special variable.
func unsetArguments(_ *Session, t typing) ([]string, int) {
	if len(t.before) > 0 {
		return nil, t.typed()
	}
	return endingsOf(specialNames(), t.word)
}

func specialNames() []string {
	names := []string{"PROMPT1", "PROMPT2", "PROMPT3", "HISTFILE"}
	for name := range specials {
		names = append(names, name)
	}
	return names
}

// optionValues returns the words that an option of \pset may be.
func optionValues(name string) []string {
	switch name {
	case "format":
		return format.FormatNames()
	case "linestyle":
		return []string{format.ASCIILines, format.OldASCII, format.UnicodeLines}
	case "expanded", "x", "vertical":
		return []string{"on", "off", "auto"}
	case "pager":
		return []string{"on", "off", "always"}
	case "footer", "numericlocale", "tuples_only", "t":
		return []string{"on", "off"}
	case "unicode_border_linestyle", "unicode_column_linestyle", "unicode_header_linestyle":
		return []string{"single", "double"}
	case "xheader_width":
		return []string{"full", "column", "page"}
	}
	return nil
}
