package dump

import (
	"bytes"
	"regexp"
	"strings"
)

// A dump may come from a stranger, and psql's commands read and write files and run programs. So psql sees no files and is told \restrict
// before it reads: it then refuses every command. This file lets through the few that dumps have, under the key that only we know.

// harmless are commands that change only what psql prints, and nobody sees that.
var harmless = map[string]bool{"echo": true, "qecho": true, "warn": true, "timing": true, "x": true, "t": true, "a": true, "pset": true}

// connection is what pg_dumpall writes: a name, or "dbname='…'" after -reuse-previous=on. No other server and no other user can be named.
var connection = regexp.MustCompile("^(?:\"[^\"=:`\\\\]+\"|[\\pL\\pN_][\\pL\\pN_.-]*|" +
	"-reuse-previous=on \"dbname='(?:[^'\"`\\\\]|\\\\['\\\\]|\"\")*'\")$")

// setting is the value of a variable or the name of an encoding.
var setting = regexp.MustCompile(`^[\pL\pN_]+(?: +[\pL\pN_.+-]+)*$`)

// command returns what psql shall see of a line that begins with a backslash, outside of literals and data. A command that is let
// through has to be followed by a line that restricts psql again: psql would drop what is left of a line after an error.
func (s *script) command(line []byte) (seen []byte, again bool) {
	name, arg, _ := strings.Cut(string(bytes.TrimSpace(line))[1:], " ")
	arg = strings.TrimSpace(arg)
	allowed := false
	switch {
	case name == "restrict", name == "unrestrict", harmless[name] && !strings.ContainsAny(arg, "`\\"):
		return append([]byte("-- "), bytes.ReplaceAll(line, []byte{'\\'}, []byte{'/'})...), false
	case name == "connect", name == "c":
		allowed = connection.MatchString(arg)
	case name == "set", name == "unset", name == "encoding":
		allowed = setting.MatchString(arg)
	case name == ".":
		return line, false
	}
	if !allowed {
		if s.refused == "" {
			s.refused = `\` + name
		}
		return line, false
	}
	return []byte(`\unrestrict ` + s.key + "\n\\" + name + " " + arg + "\n"), true
}
