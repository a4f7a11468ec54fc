package catalog

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// listing is a \d command that lists objects of a kind. In its SQL @ stands for the schema pg_catalog, so that no
// search_path can put other objects in the way.
type listing struct {
	title   string
	columns []listed
	from    string
	where   string // always
	user    string // true of the user's own objects; left out with S or a pattern
	match   matched
	uncount bool   // no "(n rows)"
	wrap    string // what the condition for the pattern stands in, at %s
	order   string
}

// listed is a column of a listing.
type listed struct {
	name       string
	expression string
	when       when
}

// when says with which form of the command a column is shown.
type when int

const (
	always  when = iota
	more         // with +
	less         // without +
	version      // times a major version: for servers since that
)

// since returns the same for servers since a version.
func (w when) since(major int) when { return w + version*when(major) }

// shown reports whether a column is shown. A server whose version is not known is taken for a new one.
func (w when) shown(f flags) bool {
	if f.server > 0 && f.server < int(w/version) {
		return false
	}
	w %= version
	return w == always || f.more == (w == more)
}

// flags are what may follow the name of a \d command.
type flags struct {
	more     bool // +
	system   bool // S
	expanded bool // x
	letters  string
	noMethod bool     // no access methods
	others   []string // the patterns after the first
	server   int      // its major version
}

// second returns the second pattern, "" when there is none.
func (f flags) second() string {
	if len(f.others) == 0 {
		return ""
	}
	return f.others[0]
}

// sql returns the query of the listing.
func (l *listing) sql(f flags, pattern, database string) (string, error) {
	var columns []string
	for _, c := range l.columns {
		if c.when.shown(f) {
			columns = append(columns, c.expression+" AS "+lex.QuoteIdentifier(c.name))
		}
	}
	var where []string
	if l.where != "" {
		where = append(where, l.where)
	}
	if l.user != "" && pattern == "" && !f.system {
		where = append(where, l.user)
	}
	matching, err := l.match.conditions(pattern, database)
	if err != nil {
		return "", err
	}
	if l.wrap != "" && len(matching) > 0 {
		matching = []string{fmt.Sprintf(l.wrap, strings.Join(matching, " AND "))}
	}
	where = append(where, matching...)
	sql := "SELECT " + strings.Join(columns, ",\n  ") + "\nFROM " + l.from
	if len(where) > 0 {
		sql += "\nWHERE " + strings.Join(where, "\n  AND ")
	}
	return catalog(sql + "\nORDER BY " + l.order), nil
}

// catalog replaces the short form of the schema's name by the name.
func catalog(sql string) string {
	var b strings.Builder
	inside := false
	for i := range len(sql) {
		switch c := sql[i]; {
		case c == '\'':
			inside = !inside
			b.WriteByte(c)
		case c == '@' && !inside:
			b.WriteString("pg_catalog.")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// run lists the objects that match a pattern.
func (l *listing) run(ctx context.Context, r *Reader, f flags, pattern string) error {
	sql, err := l.sql(f, pattern, r.Database)
	if err != nil {
		return r.Wrong(err.Error())
	}
	g, err := r.Fetch(ctx, sql)
	if err != nil {
		return err
	}
	if l.uncount {
		return r.table(g, l.title, f, []string{})
	}
	return r.table(g, l.title, f, nil)
}

// table shows a table that describes something. Without footers it has the number of rows below it.
func (r *Reader) table(g *format.Grid, title string, f flags, footers []string) error {
	return r.Table(g, Look{Title: title, Footers: footers, Expanded: f.expanded})
}

// Find returns the command of the \d family with this name, without its backslash.
func Find(name string) (Command, bool) {
	if name == "z" || strings.Trim(strings.TrimPrefix(name, "z"), "S+x") == "" && strings.HasPrefix(name, "z") {
		name = "dp" + name[1:]
	}
	best := ""
	for key := range describers {
		rest, ok := strings.CutPrefix(name, key)
		if !ok || len(key) <= len(best) {
			continue
		}
		allowed := "S+x" + map[string]string{"df": "anptw", "dP": "tin"}[key]
		if strings.Trim(rest, allowed) == "" {
			best = key
		}
	}
	if family := strings.TrimRight(strings.TrimPrefix(name, "d"), "S+x"); strings.HasPrefix(name, "d") && family != "" && strings.Trim(family, "tvmisE") == "" && len(family)+1 >= len(best) {
		f := flagsOf(name[1+len(family):])
		f.letters = family
		return describeWith(listRelations, f), true
	}
	if best == "" {
		return nil, false
	}
	return describeWith(describers[best], flagsOf(name[len(best):])), true
}

// field returns the expression for a column, as text, that not every server has: NULL where there is none.
func field(row, column string) string {
	return "(@to_jsonb(" + row + ") OPERATOR(@->>) '" + column + "')"
}

func flagsOf(text string) flags {
	return flags{
		more: strings.Contains(text, "+"), system: strings.Contains(text, "S"), expanded: strings.Contains(text, "x"),
		letters: strings.Trim(text, "S+x"),
	}
}

// describeFunc is a command of the \d family.
type describeFunc func(ctx context.Context, r *Reader, f flags, pattern string) error

func describeWith(describe describeFunc, f flags) Command {
	return func(ctx context.Context, r *Reader, patterns ...string) error {
		f.others, f.server = nil, r.Server
		pattern := ""
		if len(patterns) > 0 {
			pattern, f.others = patterns[0], patterns[1:]
		}
		return describe(ctx, r, f, pattern)
	}
}

// describers are the commands of the \d family without the letters that may follow.
var describers map[string]describeFunc

func init() {
	describers = map[string]describeFunc{
		"d": describeRelations, "dFp": textSearchParsers, "dF": textSearchConfigurations, "dRp": publications,
		"dx": extensions, "df": listFunctions, "do": listOperators, "dT": listTypes, "dconfig": listParameters, "dP": listPartitioned,
		"drds": listSettings,
	}
	maps.Copy(describers, operatorListings())
	for name, l := range listings() {
		if describers[name] == nil {
			describers[name] = l.run
		}
	}
}
