package dump

import (
	"bytes"
	"regexp"
	"strings"
)

// A dump may come from a stranger, and psql's commands read and write files and run programs. So psql sees no files and
// is told \restrict before it reads: it then refuses every command. This file lets through the two that dumps have,
// \connect and \encoding, under the key that only we know. \set is none of them: variables change how psql reads, and
// with SINGLESTEP and SINGLELINE it reads \restrict as an answer.

// harmless are commands that change only what psql prints, and nobody sees that.
var harmless = map[string]bool{
	"echo": true, "qecho": true, "warn": true, "timing": true, "x": true, "t": true,
	"a": true, "pset": true,
}

// connection is what pg_dumpall writes: a name, or "dbname='…'" after -reuse-previous=on. No other server and no other
// user can be named. There is no NUL in it: psql would read the next line, which restricts it, as a part of this one.
var connection = regexp.MustCompile("^(?:\"[^\"=:`\\\\\\x00\r\n]+\"|[\\pL\\pN_][\\pL\\pN_.-]*|" +
	"-reuse-previous=on \"dbname='(?:[^'\"`\\\\\\x00\r\n]|\\\\['\\\\]|\"\")*'\")$")

// encoding is its name. pg_dump writes SQL_ASCII before it connects to a database with a name that has to be quoted.
var encoding = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// skipped reports whether a command becomes a comment. Whether errors stop a restore is for its user to say.
func skipped(name, arg string) bool {
	switch {
	case name == "restrict", name == "unrestrict":
		return true
	case name == "set" && !strings.HasPrefix(arg+" ", "ON_ERROR_STOP "), name != "set" && !harmless[name]:
		return false
	}
	return !strings.ContainsAny(arg, "`\\")
}

// command returns what psql sees of a line that begins with a backslash, outside of literals and data. With again, the
// next line has to restrict psql again: after an error psql would drop the rest of this line. No command is let through
// within a statement, because psql must not process the rest of that unrestricted.
func (s *script) command(line []byte) (seen []byte, again bool) {
	name, arg, _ := strings.Cut(string(bytes.TrimSpace(line))[1:], " ")
	arg = strings.TrimSpace(arg)
	allowed := false
	switch {
	case skipped(name, arg):
		return append([]byte("-- "), bytes.ReplaceAll(line, []byte{'\\'}, []byte{'/'})...), false
	case name == "connect", name == "c":
		allowed = s.sql.between() && connection.MatchString(arg)
	case name == "encoding":
		allowed = s.sql.between() && encoding.MatchString(arg)
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
