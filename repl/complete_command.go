package repl

import (
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/complete"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// completeCommand returns how the last word of a backslash command may go on.
func (s *Session) completeCommand(text string) (endings []string, typed int) {
	command, rest, _ := strings.Cut(text[1:], " ")
	start := strings.LastIndexAny(rest, " \t'") + 1
	before, word := strings.Fields(strings.TrimRight(rest[:start], "'")), rest[start:]
	if strings.HasPrefix(word, ":") {
		return endingsOf(s.variableNames(word), word)
	}
	switch command {
	case "h", "help":
		return s.keywordEndings(sqlCommandEndings(strings.TrimLeft(rest[:start], " ")), word), len([]rune(word))
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
	return endingsOf(s.names(complete.Query(commandKind(command, len(before)), word, "")), word)
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

// commandKinds are the kinds of names that backslash commands take, by what the commands are called without S, x and +.
var commandKinds = map[string]string{
	"c": "databases", "l": "databases", "list": "databases", "connect": "databases", "password": "roles", "encoding": "encodings",
	"sf": "routines", "ef": "routines", "sv": "views", "ev": "views", "copy": "copied", "z": "selectables",
	"d": "relations", "da": "aggregates", "dA": "methods", "dAc": "methods", "dAf": "methods", "dAo": "methods", "dAp": "methods",
	"db": "tablespaces", "dc": "conversions", "dC": "types", "dconfig": "shown", "ddp": "roles", "dD": "domains", "des": "servers",
	"det": "foreigntables", "deu": "mappings", "dew": "wrappers", "dE": "foreigntables", "df": "routines", "dF": "tsconfigurations",
	"dFd": "tsdictionaries", "dFp": "tsparsers", "dFt": "tstemplates", "dg": "roles", "di": "indexes", "dL": "languages",
	"dm": "matviews", "dn": "schemas", "dO": "collations", "dp": "selectables", "dP": "partitioned", "drds": "roles", "drg": "roles",
	"dRp": "publications", "dRs": "subscriptions", "ds": "sequences", "dt": "tables", "dT": "types", "du": "roles", "dv": "views",
	"dx": "extensions", "dX": "statistics", "dy": "eventtriggers", "lo_export": "largeobjects", "lo_unlink": "largeobjects",
	"dPi": "indexes", "dPt": "partitionedtables", "close_prepared": "prepared", "bind_named": "prepared",
}

// commandKind returns the kind of the names that a backslash command takes as its argument of that number, "" for none.
func commandKind(command string, number int) string {
	letters := min(2, len(command))
	name := command[:letters] + strings.TrimRight(command[letters:], "+Sx") // \dx is a command, the x of \dtx is not its own
	switch {
	case name == "dS" || name == "d+":
		name = "d"
	case strings.HasPrefix(name, "df") && strings.Trim(name[2:], "anptw") == "":
		name = "df"
	}
	switch {
	case number > 0 && (name == "df" || name == "do" || name == "dAc" || name == "dAf"):
		return "types"
	case number > 0 && name == "drds":
		return "databases"
	case number > 0 && (name == "c" || name == "connect"):
		return []string{"", "roles", "", "", ""}[min(number, 4)]
	case number > 0 && name != "dp":
		return ""
	case commandKinds[name] != "":
		return commandKinds[name]
	case len(name) > 1 && name[0] == 'd' && strings.Trim(name[1:], "tvmisE") == "":
		return "relations"
	}
	return ""
}
