package repl

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/repl/complete"
)

// Complete returns how the last word of text, which is what was typed of a line, may go on, and how many characters of
// the word are typed. Names come from the catalogs of the session's database, as it is now, and stand before keywords.
func (s *Session) Complete(text string) (endings []string, typed int) {
	if fields := strings.Fields(text); len(fields) > 0 && strings.HasPrefix(fields[0], `\`) && strings.ContainsAny(text, " \t") {
		return s.completeCommand(strings.TrimLeft(text, " \t"))
	}
	word := text[strings.LastIndexAny(text, " \t\n(),;=<>+-*/")+1:]
	switch {
	case strings.HasPrefix(word, `\`):
		return endingsOf(backslashNames(), word)
	case strings.HasPrefix(word, ":") && !strings.HasPrefix(word, "::"):
		return endingsOf(s.variableNames(word), word)
	}
	before := ""
	if s.collected != nil {
		before = s.collected()
	}
	return s.offered(complete.SQL(before + text))
}

// backslashNames returns the names of the backslash commands.
func backslashNames() (names []string) {
	for name := range commands {
		names = append(names, `\`+name)
	}
	return names
}

// offered returns how a word goes on to become what is offered for it, names first.
func (s *Session) offered(o complete.Offer) (endings []string, typed int) {
	names := slices.Clone(o.Values)
	for _, query := range o.Queries {
		names = append(names, s.names(query)...)
	}
	if endings, typed = endingsOf(names, o.Word); len(endings) == 0 && o.Calls != "" {
		endings, typed = endingsOf(s.names(o.Calls), o.Word)
	}
	return append(endings, s.keywordEndings(o.Keywords, o.Word)...), typed
}

// keywordEndings returns how a word goes on to become one of the keywords, in the case of what is typed of it. Where
// nothing is typed the variable COMP_KEYWORD_CASE says the case.
func (s *Session) keywordEndings(keywords []string, word string) (endings []string) {
	lower := strings.HasSuffix(s.Variables["COMP_KEYWORD_CASE"], "lower")
	if word != "" {
		lower = word != strings.ToUpper(word)
	}
	for _, keyword := range slices.Sorted(slices.Values(keywords)) {
		if len(keyword) < len(word) || !strings.EqualFold(keyword[:len(word)], word) {
			continue
		}
		ending := keyword[len(word):]
		if lower {
			ending = strings.ToLower(ending)
		}
		if !strings.HasSuffix(keyword, "(") && keyword != "=" {
			ending += " "
		}
		endings = append(endings, ending)
	}
	return slices.Compact(endings)
}

// endingsOf returns how a word goes on to become one of the names, and how many of its characters are typed. A name with
// control characters is not offered: it could bring a line end, and with that a command.
func endingsOf(names []string, word string) (endings []string, typed int) {
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if len(name) < len(word) || !graphic(name) || !strings.EqualFold(name[:len(word)], word) {
			continue
		}
		if !strings.HasSuffix(name, "(") && !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, "/") {
			name += " "
		}
		endings = append(endings, name[len(word):])
	}
	return endings, len([]rune(word))
}

// variableNames returns the variables that are set, with the signs that a word begins with.
func (s *Session) variableNames(word string) (names []string) {
	before, after := ":", ""
	for _, signs := range [][2]string{{":'", "'"}, {`:"`, `"`}, {":{?", "}"}} {
		if strings.HasPrefix(word, signs[0]) {
			before, after = signs[0], signs[1]
		}
	}
	for name := range s.Variables {
		names = append(names, before+name+after)
	}
	return names
}

// names runs a query for names. It gives up after a second, shows no errors, and leaves a failed transaction alone.
func (s *Session) names(sql string) (names []string) {
	if sql == "" || s.tx == 'E' || s.unusable != nil || s.pipe != nil || s.midCopy {
		return nil
	}
	s.unheard(func() { names = s.namesOf(sql) })
	return names
}

// namesOf is names past its checks.
func (s *Session) namesOf(sql string) (names []string) {
	ctx, stop := context.WithTimeout(context.Background(), cmp.Or(s.CompletionLimit, 5*time.Second))
	defer stop()
	savepoint := s.tx == 'T'
	if savepoint && s.own(ctx, "SAVEPOINT pg_psql_temporary_savepoint") != nil {
		return nil
	}
	c := &collector{}
	last := s.lastError
	err := s.exchange(ctx, sql, how{silent: true, internal: true, newPrinter: c.printer})
	s.lastError = last
	if savepoint {
		_ = s.endSavepoint(ctx)
		if err != nil && s.tx == 'T' {
			_ = s.own(ctx, "RELEASE pg_psql_temporary_savepoint")
		}
	}
	if err != nil || len(c.grids) == 0 {
		return nil
	}
	for row := range c.grids[0].Rows {
		names = append(names, c.grids[0].Text(row, 0))
	}
	return names
}
