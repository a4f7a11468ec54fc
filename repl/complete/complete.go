package complete

import (
	"maps"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// Offer is what may stand at a place.
type Offer struct {
	Word     string   // what is typed of the word at the place
	Queries  []string // for names; each returns one column
	Calls    string   // the query for functions, which are offered when there are no other names
	Keywords []string // in upper case
	Values   []string // words whose case counts
}

// Kinds returns the kinds of names that Query knows.
func Kinds() []string { return slices.Sorted(maps.Keys(sources)) }

// SQL returns what may stand at the end of a text, which is what is typed of SQL.
func SQL(text string) Offer {
	p := placeAt(text)
	o := Offer{Word: p.word}
	if p.text {
		return o
	}
	if len(p.words) == 0 {
		o.Keywords = slices.Clone(commands)
		return o
	}
	for _, r := range rules() {
		if matches(r.before, p.words) {
			o.add(r, p.words)
			return o
		}
	}
	o.expression(p.words)
	return o
}

// add adds what a rule offers.
func (o *Offer) add(r rule, words []string) {
	for _, offered := range r.offers {
		switch {
		case offered.keyword != "":
			o.Keywords = append(o.Keywords, offered.keyword)
		case offered.value != "":
			o.Values = append(o.Values, offered.value)
		case offered.kind == "scope" && !o.literal():
			o.Queries = append(o.Queries, scopeQueries(words, o.Word)...)
		default:
			o.addNames(offered, words)
		}
	}
}

// addNames adds the query for the names of a kind.
func (o *Offer) addNames(offered offer, words []string) {
	of, at := "", len(words)-offered.of
	if offered.start {
		at = offered.of
	}
	if at >= 0 && at < len(words) {
		of = words[at]
	}
	if o.literal() && !sources[offered.kind].plain {
		return
	}
	if query := Query(offered.kind, o.Word, of); query != "" {
		o.Queries = append(o.Queries, query)
	}
	if offered.kind == "types" {
		o.Values = append(o.Values, typeNames...)
	}
}

// literal reports whether the word is a string that is not closed.
func (o *Offer) literal() bool { return strings.HasPrefix(strings.TrimLeft(o.Word, "Ee"), "'") }

// expression offers what an expression may go on with where no rule says more: names where an operand is wanted, and
// keywords where one has ended.
func (o *Offer) expression(words []string) {
	if o.literal() {
		return
	}
	last := words[len(words)-1]
	all := last == "*" && len(words) > 1 && wantsOperand(words[len(words)-2]) // as in SELECT *
	if all || !wantsOperand(last) {
		if o.Word != "" {
			o.Keywords = lex.Keywords
		}
		return
	}
	o.Queries = scopeQueries(words, o.Word)
	if o.Word == "" {
		return
	}
	if _, _, qualified := splitName(o.Word); !qualified {
		o.Calls = Query("calls", o.Word, "")
		o.Keywords = operands
	}
}

// commands are the words that a statement begins with.
var commands = strings.Split("ABORT,ALTER,ANALYZE,BEGIN,CALL,CHECKPOINT,CLOSE,CLUSTER,COMMENT,COMMIT,COPY,CREATE,DEALLOCATE,DECLARE,"+
	"DELETE FROM,DISCARD,DO,DROP,END,EXECUTE,EXPLAIN,FETCH,GRANT,IMPORT FOREIGN SCHEMA,INSERT INTO,LISTEN,LOAD,LOCK,MERGE INTO,MOVE,"+
	"NOTIFY,PREPARE,REASSIGN,REFRESH MATERIALIZED VIEW,REINDEX,RELEASE,RESET,REVOKE,ROLLBACK,SAVEPOINT,SECURITY LABEL,SELECT,SET,SHOW,"+
	"START,TABLE,TRUNCATE,UNLISTEN,UPDATE,VACUUM,VALUES,WITH", ",")

// operands are the keywords that an operand may begin with.
var operands = strings.Fields(`ALL ANY ARRAY CASE CAST CURRENT_DATE CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEFAULT DISTINCT EXISTS
FALSE INTERVAL LATERAL LOCALTIME LOCALTIMESTAMP NOT NULL ROW SELECT SESSION_USER TRUE WITH`)

// typeNames are the names of types that SQL has besides those in the catalog.
var typeNames = []string{
	"bigint", "bit varying", "boolean", "character", "character varying", "double precision", "integer", "real", "smallint",
	"time with time zone", "time without time zone", "timestamp with time zone", "timestamp without time zone",
}

// wantsOperand reports whether an operand stands behind a word, and not what may follow one.
func wantsOperand(word string) bool {
	switch strings.ToUpper(word) {
	case "SELECT", "WHERE", "AND", "OR", "NOT", "ON", "BY", "HAVING", "WHEN", "THEN", "ELSE", "CASE", "DISTINCT", "ALL", "ANY", "SOME",
		"LIKE", "ILIKE", "BETWEEN", "IN", "RETURNING", "SET", "VALUES", "FILTER", "OVER", "ARRAY", "ROW", "USING", "EXISTS", "CHECK":
		return true
	}
	return word != ")" && word != "()" && word != "]" && !isName(word) && word[0] != '\'' && (word[0] < '0' || word[0] > '9') && word[0] != '$'
}
