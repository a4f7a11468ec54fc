//go:build unix

package cmd

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// guard fails when it is executed. What is sent behind it in one query string is parsed before and never executed, so
// the server's own parser can be asked about any text.
const guard = "SELECT 1/0;\n"

// serverParser asks the server how it reads SQL.
type serverParser struct {
	t    *testing.T
	conn *pgconn.PgConn
}

// parses reports whether the server's grammar takes the text, and if not at which character of it the error is.
func (p *serverParser) parses(sql string) (ok bool, at int) {
	p.t.Helper()
	_, err := p.conn.Exec(p.t.Context(), guard+sql).ReadAll()
	var failed *pgconn.PgError
	if !errors.As(err, &failed) {
		p.t.Fatalf("%q: got error %v", sql, err)
	}
	if failed.Code == "22012" { // the guard's
		return true, 0
	}
	return false, max(0, int(failed.Position)-1-len(guard))
}

// single reports whether the text, which parses, is one statement or none.
func (p *serverParser) single(sql string) bool {
	_, err := p.conn.Prepare(p.t.Context(), "", sql, nil)
	var failed *pgconn.PgError
	return !errors.As(err, &failed) || !strings.Contains(failed.Message, "multiple commands")
}

// cutScript cuts a script as exec does, line by line.
func cutScript(script string) (segments []lex.Segment) {
	s := &lex.Splitter{}
	for line := range strings.Lines(script) {
		s.Feed(line)
		for seg, ok := s.Next(); ok; seg, ok = s.Next() {
			segments = append(segments, seg)
		}
	}
	if seg, ok := s.Flush(); ok {
		segments = append(segments, seg)
	}
	return segments
}

// check compares the splitter with the server on one script: each piece is one statement, all pieces parse when the
// whole does, and otherwise the first that does not is the one in which the server finds the error. It reports whether
// the script parses, and how many statements it has.
func (p *serverParser) check(script string) (parsed bool, statements int) {
	p.t.Helper()
	segments := cutScript(script)
	if slices.ContainsFunc(segments, func(s lex.Segment) bool { return s.Kind == lex.Command }) {
		return false, 0 // a backslash outside quotes is psql's and not the server's
	}
	parsed, at := p.parses(script)
	from := 0 // where the piece begins, in characters
	for _, seg := range segments {
		to := from + utf8.RuneCountInString(seg.Raw)
		piece, _ := p.parses(seg.Text)
		switch {
		case !piece && parsed:
			p.t.Errorf("the server takes the script, but not its piece\nscript %q\npiece  %q", script, seg.Text)
		case !piece && (at < from || at > to):
			p.t.Errorf("the server has an error at %d, not in the piece from %d to %d\nscript %q\npiece  %q", at, from, to, script, seg.Text)
		case piece && !p.single(seg.Text):
			p.t.Errorf("the server takes a piece as several statements\nscript %q\npiece  %q", script, seg.Text)
		}
		if !piece {
			return parsed, statements
		}
		if strings.Trim(seg.Text, "; \t\r\n\f\v") != "" {
			statements++
		}
		from = to
	}
	if !parsed {
		p.t.Errorf("the server takes all pieces of a script, but not the whole: %q", script)
	}
	return parsed, statements
}

// scriptSource makes scripts that are hard to split.
type scriptSource struct{ *rand.Rand }

// pick returns one of the texts.
func (r scriptSource) pick(texts ...string) string { return texts[r.IntN(len(texts))] }

// gap returns what may stand between two words.
func (r scriptSource) gap() string {
	return r.pick(" ", " ", " ", "\t", "\n", "\r", "\r\n", "\n\n\n", " /* ; */ ", "/* /* ' ; */ \" */", "/*\n$a$;*/", " -- ; '\n", "--\r", " --/* ; $$\r\n", "\f\v")
}

// value returns an expression.
func (r scriptSource) value() string {
	name := r.pick("", "a", "b_1", "é")
	switch r.IntN(16) {
	case 0:
		return "(" + r.gap() + r.value() + r.gap() + ")"
	case 1:
		return "$" + name + "$" + r.pick("", ";", "'", "$x$;", "$ $", "\\", "--", "/*", "\n;\n", "\"") + "$" + name + "$"
	case 2:
		return "E'" + r.pick("", ";", `\';`, `\\`, `'';\n`, `\\\';`, "\n;", "--", "/*") + "'"
	case 3:
		return "E'a'" + r.pick("\n", "\r", " -- ; ' \n ", "--\r\n\n", " \n --x\n") + r.pick("'", `'\';`, `'\\`, "';") + "'"
	case 4:
		return r.pick("'", "N'", "U&'", "B'", "x'") + r.pick("", "0", "1;", "'';", ";\n", "--", "/*") + "'"
	case 5:
		return r.pick(`'\'`, `';\'`, `U&'\0041;'`, `'\';'`)
	case 6:
		return "CASE WHEN true THEN " + r.value() + " END"
	case 7:
		return "1" + r.pick("+", "*", "/", "<", "-", "@-", "=-", "*-") + r.pick("-- ; \n", "/* ; */", " ", "\n") + "2"
	case 8:
		return r.pick("$1", "1.5e-3", "1_000", "0x1F", ".5", "1.", "arr[1:2]", "a::int", "1::pg_catalog.int4", "ARRAY[(1),2]")
	case 9:
		return r.pick(`";"`, `a.";""'"`, `U&"d\0061;"`, `U&"\;" UESCAPE '!'`, "a.end", "begin", "atomic", "f(a := 1)", "f(a => ';')")
	}
	return r.pick("1", "a", "NULL", "true")
}

// query returns a query.
func (r scriptSource) query() string {
	text := "SELECT" + r.gap() + r.value()
	for range r.IntN(3) {
		text += r.gap() + r.pick("", "AS end", "AS begin", "AS \"end;\"", "\"case\"", "AS case") + r.gap() + "," + r.gap() + r.value()
	}
	return text + r.pick("", " end", " case", r.gap()+"FROM t"+r.gap()+"WHERE"+r.gap()+r.value())
}

// statement returns a statement without the semicolon.
func (r scriptSource) statement(depth int) string {
	switch r.IntN(12) {
	case 0:
		return r.pick("BEGIN", "END", "COMMIT", "ROLLBACK", "BEGIN WORK", "", "")
	case 1:
		return "CREATE RULE r AS ON INSERT TO t DO (" + r.query() + ";" + r.gap() + r.query() + ")"
	case 2:
		return "INSERT INTO t VALUES" + r.gap() + "(" + r.value() + "," + r.gap() + r.value() + ")"
	case 3:
		return "CREATE FUNCTION begin(a int DEFAULT (1)) RETURNS int" + r.gap() + "LANGUAGE sql AS " + r.pick("'SELECT 1;'", "$$SELECT ';'; END;$$")
	case 4, 5:
		if depth > 1 {
			return r.query()
		}
		return r.routine(depth)
	case 6:
		return "EXPLAIN " + r.query()
	}
	return r.query()
}

// routine returns a statement with the body of a routine in it.
func (r scriptSource) routine(depth int) string {
	text := r.pick("CREATE", "create") + r.gap() + r.pick("", "OR REPLACE", "OR"+r.gap()+"Replace") + r.gap() + r.pick("FUNCTION f() RETURNS int", "PROCEDURE p(begin int)", "function s.end() RETURNS begin")
	if r.IntN(5) == 0 {
		return text + r.gap() + "RETURN " + r.value()
	}
	text += r.gap() + "BEGIN" + r.gap() + "ATOMIC"
	for range r.IntN(4) {
		if statement := r.statement(depth + 1); strings.TrimSpace(statement) != "" {
			text += r.gap() + statement + r.gap() + ";"
		}
	}
	return text + r.gap() + "END"
}

// script returns a script, in one of three with something taken out, doubled or put in somewhere.
func (r scriptSource) script() string {
	text := ""
	for range 1 + r.IntN(4) {
		text += r.gap() + r.statement(0) + r.gap() + ";"
	}
	if r.IntN(4) == 0 {
		text += r.gap() + r.statement(0)
	}
	if r.IntN(3) != 0 {
		return text
	}
	runes := []rune(text)
	i := r.IntN(len(runes))
	j := min(len(runes), i+1+r.IntN(3))
	switch r.IntN(3) {
	case 0:
		return string(runes[:i]) + string(runes[j:])
	case 1:
		return string(runes[:j]) + string(runes[i:])
	}
	return string(runes[:i]) + r.pick(";", "'", "\"", "$$", "$a$", "(", ")", "/*", "*/", "--", "\n", "E'", "U&", ":", "end", "begin") + string(runes[i:])
}

// TestSplitsLikeServer has the real server read scripts that are made by chance, whole and in pieces. A seed makes the
// same scripts each time, so that what fails can be run again.
func TestSplitsLikeServer(t *testing.T) {
	t.Parallel()
	db, err := memoryBackend(t).open(t.Context(), clusterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	config, err := pgconn.ParseConfig("host=/ port=5432 user=postgres dbname=postgres sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	config.Fallbacks = nil
	conn, err := pgconn.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	p := &serverParser{t, conn}
	count := 1500
	if testing.Short() {
		count = 150
	}
	whole, statements := 0, 0
	for seed := range count {
		p.t = t
		parsed, n := p.check(scriptSource{rand.New(rand.NewPCG(uint64(seed), 0))}.script())
		if parsed {
			whole++
			statements += n
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d of %d scripts parse, with %d statements", whole, count, statements)
	if whole < count/4 || whole > count*9/10 || statements < 2*whole {
		t.Errorf("%d of %d scripts parse, with %d statements: that shows too little", whole, count, statements)
	}
}
