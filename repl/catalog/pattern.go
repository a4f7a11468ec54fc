package catalog

import (
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// parsePattern turns a pattern of the \d commands into regular expressions, one for each part between dots, the name
// last: * and ? stand for any characters and any one character, letters are folded to lower case, and what is in double
// quotes is taken as it is; with literal so are all other signs
// (https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-PATTERNS).
func parsePattern(pattern string, literal bool) []string {
	var parts []string
	var b strings.Builder
	quoted := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '"' && quoted && i+1 < len(pattern) && pattern[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case quoted && strings.IndexByte(`|*+?()[]{}.^$\`, c) >= 0, c == '$':
			b.WriteString(`\` + string(c))
		case quoted:
			b.WriteByte(c)
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteByte('.')
		case literal && c != '.' && strings.IndexByte(`|+()[]{}^\`, c) >= 0:
			b.WriteString(`\` + string(c))
		case c == '.':
			parts = append(parts, b.String())
			b.Reset()
		case c == '[' && i+1 < len(pattern) && pattern[i+1] == ']':
			b.WriteString(`\[\]`)
			i++
		case c >= 'A' && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		default:
			b.WriteByte(c)
		}
	}
	return append(parts, b.String())
}

// matched says what a pattern is matched with: expressions of the query, "" where there is none.
type matched struct {
	schema  string
	name    string
	other   string // another form of the name, such as with the types of arguments
	visible string // is true of what can be named without its schema
	literal bool   // only * and ? are special, as the names are signs themselves
}

// conditions returns the conditions of WHERE for a pattern, "" being none.
func (m matched) conditions(pattern, database string) (conditions []string, err error) {
	if pattern == "" {
		if m.visible != "" {
			conditions = append(conditions, m.visible)
		}
		return conditions, nil
	}
	parts := parsePattern(pattern, m.literal)
	most := 1
	if m.schema != "" {
		most = 3
	}
	switch {
	case len(parts) > most:
		return nil, fmt.Errorf("improper qualified name (too many dotted names): %s", pattern)
	case len(parts) == 3 && parts[0] != database:
		return nil, fmt.Errorf("cross-database references are not implemented: %s", pattern)
	}
	name := parts[len(parts)-1]
	if name != ".*" && name != "" {
		condition := matches(m.name, name)
		if m.other != "" {
			condition = "(" + condition + " OR " + matches(m.other, name) + ")"
		}
		conditions = append(conditions, condition)
	}
	if len(parts) == 1 {
		if m.visible != "" {
			conditions = append(conditions, m.visible)
		}
		return conditions, nil
	}
	if schema := parts[len(parts)-2]; schema != ".*" && schema != "" {
		conditions = append(conditions, matches(m.schema, schema))
	}
	return conditions, nil
}

func matches(expression, regular string) string {
	return fmt.Sprintf("%s OPERATOR(@~) %s COLLATE @default", expression, lex.QuoteLiteral("^("+regular+")$"))
}
