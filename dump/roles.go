package dump

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// How statements of a dump begin that name roles, in which every literal and quoted name is "".
var (
	ownership  = regexp.MustCompile(`^(?:ALTER .* OWNER TO [^;]+|SET SESSION AUTHORIZATION [^;]+);\s*$`)
	privileges = regexp.MustCompile(`^(?:GRANT .* ON .*|REVOKE .* ON .*|ALTER DEFAULT PRIVILEGES .*);\s*$`)
)

// namesRoles is how the lines begin that are worth a look.
var namesRoles = regexp.MustCompile(
	`^(?:ALTER |GRANT |REVOKE |CREATE POLICY |CREATE SCHEMA |CREATE USER MAPPING |SET SESSION AUTHORIZATION )`,
)

// quoted is a literal or a name in quotes.
var quoted = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'`)

// naming tells how statements begin that name roles, and the words before these. The first that fits counts.
var naming = []struct{ begin, before string }{
	{"ALTER DEFAULT PRIVILEGES ", "FOR ROLE|TO|FROM"},
	{"ALTER ", "OWNER TO"}, // other words are followed by TO and the value of a setting
	{"GRANT ", "TO"},
	{"REVOKE ", "FROM"},
	{"CREATE POLICY ", "TO"},
	{"CREATE SCHEMA ", "AUTHORIZATION"},
	{"CREATE USER MAPPING ", "MAPPING FOR"},
	{"SET SESSION AUTHORIZATION ", "AUTHORIZATION"},
}

// token is a part of a statement: a literal or name, a word, or one other character.
var token = regexp.MustCompile(quoted.String() + `|[\pL\pN_$]+|\S`)

// roleName is a name as pg_dump writes it. Words in capitals, such as PUBLIC, are none. The statement that creates the
// role is in $.
var roleName = regexp.MustCompile(`^(?:"(?:[^"$]|"")+"|[a-z_][a-z0-9_]*)$`)

// roleLiteral is how SET SESSION AUTHORIZATION names a role.
var roleLiteral = regexp.MustCompile(`^'(?:[^'$\\]|'')+'$`)

// roles returns the names of the roles in the statements of a line, of which the first has to name some.
func roles(line []byte) (names []string) {
	if !namesRoles.Match(line) {
		return nil
	}
	tokens := token.FindAllString(string(line), -1)
	for len(tokens) > 0 {
		end := slices.Index(tokens, ";")
		if end < 0 {
			end = len(tokens)
		}
		names = append(names, rolesOf(tokens[:end])...)
		tokens = tokens[min(end+1, len(tokens)):]
	}
	return names
}

// rolesOf returns the names of the roles in a statement. What is in the conditions of a policy is none.
func rolesOf(tokens []string) (names []string) {
	text := strings.Join(tokens, " ")
	at := slices.IndexFunc(naming, func(n struct{ begin, before string }) bool {
		return strings.HasPrefix(text, n.begin)
	})
	if at < 0 {
		return nil
	}
	if end := slices.Index(tokens, "("); end >= 0 && naming[at].begin == "CREATE POLICY " {
		tokens = tokens[:end]
	}
	before := strings.Split(naming[at].before, "|")
	for i := range tokens {
		if slices.ContainsFunc(before, func(words string) bool { return endsWith(tokens[:i], words) }) {
			names = append(names, roleList(tokens[i:], tokens[i-1] == "AUTHORIZATION")...)
		}
	}
	return names
}

// endsWith reports whether the last tokens are the words, of which there are one or two.
func endsWith(tokens []string, words string) bool {
	n := strings.Count(words, " ") + 1
	return len(tokens) > n && strings.Join(tokens[len(tokens)-n:], " ") == words
}

// roleList returns the names with which tokens begin, between commas, as they are without quotes.
func roleList(tokens []string, literal bool) (names []string) {
	for i := 0; i < len(tokens); i += 2 {
		name := tokens[i]
		switch {
		case roleName.MatchString(name), literal && roleLiteral.MatchString(name):
			names = append(names, unquoted(name))
		}
		if i+1 < len(tokens) && tokens[i+1] != "," {
			break
		}
	}
	return names
}

func unquoted(name string) string {
	if quote := name[:1]; quote == `"` || quote == "'" {
		return strings.ReplaceAll(name[1:len(name)-1], quote+quote, quote)
	}
	return name
}

// reserved are names that no role can have.
var reserved = []string{"public", "none", "current_role", "current_user", "session_user"}

// creatable reports whether a role of the name can be created: the server has those that begin with pg_, or nobody has.
func creatable(name string) bool {
	return !strings.HasPrefix(name, "pg_") && !slices.Contains(reserved, name)
}

// createRole returns a statement on one line that makes a role when there is none of the name.
func createRole(name string) string {
	literal, quoted := strings.ReplaceAll(name, "'", "''"), strings.ReplaceAll(name, `"`, `""`)
	return `DO $pglite$BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '` + literal +
		`') THEN CREATE ROLE "` + quoted +
		`"; END IF; END$pglite$; `
}

// statement returns what psql sees of a line that begins and ends with a statement. One that shares the line is
// not left out.
func (s *script) statement(line []byte, alone bool) []byte {
	if alone && (s.noOwner || s.noPrivileges) && s.drops(quoted.ReplaceAllLiteral(line, []byte(`""`))) {
		return append([]byte("-- "), line...)
	}
	if !s.createRoles {
		return line
	}
	var all []byte
	for _, name := range roles(line) {
		if !s.created[name] && creatable(name) {
			s.created[name] = true
			all = append(all, createRole(name)...)
		}
	}
	return append(all, line...)
}

// drops reports whether a statement without its literals and quoted names is not to be restored.
func (s *script) drops(bare []byte) bool {
	return s.noOwner && ownership.Match(bare) || s.noPrivileges && privileges.Match(bare)
}

// roleFinder reads SQL and collects statements that make the roles in it.
type roleFinder struct {
	statements
	part []byte // of a line
	sql  strings.Builder
	seen map[string]bool
}

// Write implements io.Writer.
func (f *roleFinder) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		f.part = append(f.part, line...)
		if line[len(line)-1] != '\n' {
			break
		}
		begins := f.between()
		f.line(f.part)
		if begins && f.between() {
			for _, name := range roles(f.part) {
				if !f.seen[name] && creatable(name) {
					f.seen[name] = true
					f.sql.WriteString(createRole(name) + "\n")
				}
			}
		}
		f.part = f.part[:0]
	}
	return len(b), nil
}
