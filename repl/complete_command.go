package repl

import (
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// completeCommand returns how the last word of a backslash command may go on.
func (s *Session) completeCommand(text string) (endings []string, typed int) {
	command, rest, _ := strings.Cut(text[1:], " ")
	start := strings.LastIndexAny(rest, " \t'") + 1
	before, word := strings.Fields(strings.TrimRight(rest[:start], "'")), rest[start:]
	if strings.HasPrefix(word, ":") {
		return endingsOf(s.variableNames(":"), word)
	}
	switch command {
	case "h", "help":
		return endingsOf(sqlCommandEndings(strings.TrimLeft(rest[:start], " ")), word)
	case "i", "include", "ir", "include_relative", "e", "edit", "o", "out", "w", "write", "cd", "lo_import", "s":
		return fileWordOf(rest, false).endings(false, s.Streams.fileNames), len([]rune(word))
	case "copy":
		file := fileWordOf(rest, true)
		before := strings.Fields(file.before)
		if last := len(before) - 1; last > 0 && (strings.EqualFold(before[last], "from") || strings.EqualFold(before[last], "to")) {
			endings, typed = endingsOf([]string{"stdin", "stdout", "pstdin", "pstdout", "program"}, word)
			if file.quoted {
				endings = nil
			}
			return append(endings, file.endings(true, s.Streams.fileNames)...), typed
		}
	}
	if words := commandWords(command, before); words != nil {
		return endingsOf(words, word)
	}
	if qualifier, qualified := qualifierOf(word); qualified {
		return endingsOf(s.names(membersOf, qualifier), word)
	}
	return endingsOf(s.names(commandNames(command, len(before)), ""), word)
}

// commandWords returns the words that a command takes after others, nil when it takes names.
func commandWords(command string, before []string) []string {
	first := len(before) == 0
	switch {
	case command == "x" && first:
		return []string{"on", "off", "auto"}
	case command == "hex" && first:
		return []string{"on", "off", "both"}
	case (command == "timing" || command == "t") && first:
		return []string{"on", "off"}
	case command == "?" && first:
		return []string{"variables"}
	case command == "pset" && first:
		return slices.Clone(format.OptionNames)
	case command == "pset" && len(before) == 1:
		return optionValues(before[0])
	case (command == "set" || command == "unset") && first:
		return append(specialNames(), "PROMPT1", "PROMPT2", "PROMPT3", "HISTFILE")
	case command == "set" && len(before) == 1:
		return strings.Split(specials[before[0]].values, ", ")
	}
	return nil
}

func specialNames() (names []string) {
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
	return []string{}
}

// sqlCommandEndings returns what may follow the words of an SQL command.
func sqlCommandEndings(before string) (names []string) {
	for _, name := range sqlCommands {
		if rest, ok := strings.CutPrefix(name, strings.ToUpper(before)); ok {
			names = append(names, rest)
		}
	}
	return names
}

// commandNames returns the query for the names that a backslash command takes as its argument of that number.
func commandNames(command string, number int) string {
	kinds := map[string]string{"dt": "'r','p'", "di": "'i','I'", "dv": "'v'", "dm": "'m'", "ds": "'S'", "dE": "'f'", "sv": "'v'", "ev": "'v'"}
	letters := min(2, len(command))
	name := command[:letters] + strings.TrimRight(command[letters:], "+Sx") // \dx is a command, the x of \dtx is not its own
	if name == "dS" || name == "d+" {
		name = "d"
	}
	switch {
	case kinds[name] != "":
		return visibleRelations(kinds[name]) + " UNION " + schemaNames
	case name == "d" || name == "dp" || name == "z" || name == "copy" || len(name) > 1 && name[0] == 'd' && strings.Trim(name[1:], "tvmisE") == "":
		return visibleRelations("'r','p','v','m','f','S','i','I','c'") + " AND relnamespace <> 'pg_catalog'::pg_catalog.regnamespace UNION " + schemaNames
	case name == "sf" || name == "ef" || strings.HasPrefix(name, "df") && number == 0:
		return "SELECT DISTINCT pg_catalog.quote_ident(proname) FROM pg_catalog.pg_proc WHERE pg_catalog.pg_function_is_visible(oid)"
	case strings.HasPrefix(name, "df") || name == "do" && number > 0:
		name = "dT"
	case name == "c" || name == "connect":
		name = []string{"l", "du", "", "", ""}[min(number, 4)]
	case name == "password" || name == "drds" && number == 0 || name == "ddp":
		name = "du"
	case name == "drds":
		name = "l"
	case name == "dconfig":
		return "SELECT name FROM pg_catalog.pg_settings"
	case name == "dx":
		return "SELECT pg_catalog.quote_ident(extname) FROM pg_catalog.pg_extension"
	case name == "dP":
		return visibleRelations("'p','I'")
	case name == "encoding":
		return "SELECT DISTINCT pg_catalog.pg_encoding_to_char(conforencoding) FROM pg_catalog.pg_conversion"
	}
	return catalog.NamesQuery(name)
}

func visibleRelations(kinds string) string {
	return "SELECT pg_catalog.quote_ident(relname) FROM pg_catalog.pg_class WHERE relkind IN (" + kinds + ") AND pg_catalog.pg_table_is_visible(oid)"
}
