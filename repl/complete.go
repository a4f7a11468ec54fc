package repl

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// Complete returns how the last word of text, which is what was typed of a statement, may go on, and how many characters
// of the word are typed. Names come from the catalogs of the session's database, as it is now.
func (s *Session) Complete(text string) (endings []string, typed int) {
	if fields := strings.Fields(text); len(fields) > 0 && strings.HasPrefix(fields[0], `\`) && strings.ContainsAny(text, " \t") {
		return s.completeCommand(strings.TrimLeft(text, " \t"))
	}
	start := strings.LastIndexAny(text, " \t\n(),;=<>+-*/'") + 1
	word := text[start:]
	var names []string
	switch before := text[:start]; {
	case strings.HasPrefix(word, `\`):
		names = slices.Collect(maps.Keys(commands))
		for i, name := range names {
			names[i] = `\` + name
		}
		for _, name := range catalog.Names() {
			names = append(names, `\`+name)
		}
	case strings.HasPrefix(word, ":"):
		names = s.variableNames(":")
	default:
		names = s.candidates(before, word)
	}
	return endingsOf(names, word)
}

// endingsOf returns how a word goes on to become one of the names, and how many of its characters are typed. A name with control characters
// is not offered: it could bring a line end, and with that a command.
func endingsOf(names []string, word string) (endings []string, typed int) {
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if len(name) <= len(word) || !graphic(name) || !strings.EqualFold(name[:len(word)], word) {
			continue
		}
		if !strings.HasSuffix(name, "(") && !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, "/") {
			name += " "
		}
		endings = append(endings, name[len(word):])
	}
	return endings, len([]rune(word))
}

// qualifierOf returns what stands before the dot of a qualified name. In quotes a dot is part of a name.
func qualifierOf(word string) (qualifier string, qualified bool) {
	for i := range len(word) {
		if word[i] == '.' && strings.Count(word[:i], `"`)%2 == 0 {
			return word[:i], true
		}
	}
	return "", false
}

// variableNames returns the variables that are set, behind a sign.
func (s *Session) variableNames(sign string) (names []string) {
	for name := range s.Variables {
		names = append(names, sign+name)
	}
	return names
}

// candidates returns the names that may stand after a text.
func (s *Session) candidates(before, word string) []string {
	fields := strings.Fields(strings.ToUpper(before))
	last := ""
	if len(fields) > 0 {
		last = fields[len(fields)-1]
	}
	if qualifier, qualified := qualifierOf(word); qualified {
		return s.names(membersOf, qualifier)
	}
	if last == "ON" && (fields[0] == "GRANT" || fields[0] == "REVOKE" || fields[0] == "CREATE" || fields[0] == "COMMENT") {
		last = "FROM"
	}
	switch last {
	case "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ANALYZE", "VACUUM", "TRUNCATE", "COPY", "ONLY":
		return s.names(relationNames+" UNION "+schemaNames, "")
	case "SET", "SHOW", "RESET":
		return append(s.names("SELECT name FROM pg_catalog.pg_settings", ""), "ROLE", "SESSION", "LOCAL", "TRANSACTION", "ALL")
	case "EXTENSION":
		return append(s.names("SELECT pg_catalog.quote_ident(name) FROM pg_catalog.pg_available_extensions", ""), "IF")
	case "DATABASE":
		return s.names("SELECT pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database", "")
	case "SCHEMA":
		return s.names("SELECT pg_catalog.quote_ident(nspname) FROM pg_catalog.pg_namespace", "")
	case "ROLE", "USER":
		return s.names("SELECT pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles", "")
	}
	names := slices.Clone(lex.Keywords)
	if lowerKeywords(s.Variables["COMP_KEYWORD_CASE"], word) {
		for i, name := range names {
			names[i] = strings.ToLower(name)
		}
	}
	if word == "" && len(fields) > 0 && last != "SELECT" && last != "WHERE" && last != "BY" {
		return names
	}
	if len(fields) == 0 {
		return names
	}
	names = append(names, s.names(`SELECT DISTINCT pg_catalog.quote_ident(attname) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = attrelid WHERE attnum > 0 AND NOT attisdropped
AND relkind IN ('r','p','v','m','f') AND pg_catalog.pg_table_is_visible(c.oid) AND relnamespace <> 'pg_catalog'::pg_catalog.regnamespace`, "")...)
	if word == "" {
		return names
	}
	return append(names, s.names(fmt.Sprintf("SELECT DISTINCT pg_catalog.quote_ident(proname) || '(' FROM pg_catalog.pg_proc WHERE pg_catalog.pg_function_is_visible(oid) AND pg_catalog.starts_with(proname, %s)",
		lex.QuoteLiteral(strings.ToLower(word))), "")...)
}

// lowerKeywords reports whether keywords are completed in lower case. What is typed of a word stays as it is, so only a
// word of which nothing is typed can get another case than the typed one.
func lowerKeywords(keywordCase, word string) bool {
	if word != "" {
		return word == strings.ToLower(word)
	}
	return strings.HasSuffix(keywordCase, "lower")
}

const (
	relationNames = `SELECT pg_catalog.quote_ident(relname) FROM pg_catalog.pg_class WHERE relkind IN ('r','p','v','m','f') AND pg_catalog.pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::pg_catalog.regnamespace`
	membersOf     = `SELECT {q} || '.' || pg_catalog.quote_ident(relname) FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.to_regnamespace({q}) AND relkind IN ('r','p','v','m','f','S')
UNION SELECT {q} || '.' || pg_catalog.quote_ident(attname) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass({q}) AND attnum > 0 AND NOT attisdropped`
	schemaNames = `SELECT pg_catalog.quote_ident(nspname) || '.' FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\_t%'`
)

// names runs a query for names, in which {q} stands for a literal. It gives up after a second, shows no errors, and
// leaves a failed transaction alone.
func (s *Session) names(sql, q string) (names []string) {
	if sql == "" || s.tx == 'E' || s.unusable != nil || s.pipe != nil || s.midCopy {
		return nil
	}
	s.unheard(func() { names = s.namesOf(strings.ReplaceAll(sql, "{q}", lex.QuoteLiteral(q))) })
	return names
}

// namesOf is names past its checks.
func (s *Session) namesOf(sql string) (names []string) {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
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
