package dump

import (
	"bytes"
	"regexp"
	"strings"
)

// How statements of a dump begin that name roles.
var (
	ownership  = regexp.MustCompile(`^(?:ALTER .* OWNER TO [^;]+|SET SESSION AUTHORIZATION [^;]+);\s*$`)
	privileges = regexp.MustCompile(`^(?:GRANT .* ON .*|REVOKE .* ON .*|ALTER DEFAULT PRIVILEGES .*);\s*$`)
	namesRoles = regexp.MustCompile(`^(?:ALTER |GRANT |REVOKE |CREATE POLICY |CREATE SCHEMA |CREATE USER MAPPING |SET SESSION AUTHORIZATION )`)
)

// roleName is a name as pg_dump writes it. Words in capitals, such as PUBLIC, are none.
const roleName = `(?:"(?:[^"$]|"")+"|'[^'$\\]+'|[a-z_][a-z0-9_]*)`

// rolesIn finds lists of roles. A word follows which is none after ALTER … TO in other statements, but dumps have no such.
var rolesIn = regexp.MustCompile(`(?: OWNER TO | TO | FROM | FOR ROLE | AUTHORIZATION | MAPPING FOR )(` + roleName + `(?:, ` + roleName + `)*)(?:[ ;]|$)`)

var oneRole = regexp.MustCompile(roleName)

// roles returns the names of the roles in a statement that is one line. What is in the conditions of a policy is none.
func roles(line []byte) (names []string) {
	if !namesRoles.Match(line) {
		return nil
	}
	for _, end := range []string{" USING (", " WITH CHECK ("} {
		if at := bytes.Index(line, []byte(end)); at >= 0 {
			line = line[:at]
		}
	}
	for _, found := range rolesIn.FindAllSubmatch(line, -1) {
		for _, name := range oneRole.FindAll(found[1], -1) {
			text := string(name)
			if text[0] == '"' || text[0] == '\'' {
				quote := text[:1]
				text = strings.ReplaceAll(text[1:len(text)-1], quote+quote, quote)
			}
			names = append(names, text)
		}
	}
	return names
}

// createRole returns a statement on one line that makes a role when there is none of the name.
func createRole(name string) string {
	literal, quoted := strings.ReplaceAll(name, "'", "''"), strings.ReplaceAll(name, `"`, `""`)
	return `DO $pglite$BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '` + literal + `') THEN CREATE ROLE "` + quoted +
		`"; END IF; END$pglite$; `
}

// statement returns what psql shall see of a statement that is one line.
func (s *script) statement(line []byte) []byte {
	if s.noOwner && ownership.Match(line) || s.noPrivileges && privileges.Match(line) {
		return append([]byte("-- "), line...)
	}
	if !s.createRoles {
		return line
	}
	var all []byte
	for _, name := range roles(line) {
		if !s.created[name] && name != "pg_database_owner" {
			s.created[name] = true
			all = append(all, createRole(name)...)
		}
	}
	return append(all, line...)
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
				if !f.seen[name] && name != "pg_database_owner" {
					f.seen[name] = true
					f.sql.WriteString(createRole(name) + "\n")
				}
			}
		}
		f.part = f.part[:0]
	}
	return len(b), nil
}
