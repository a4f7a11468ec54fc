package complete

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// described returns what is offered for a text: kinds of names as <kind>, then values and keywords.
func described(text string) string {
	o := SQL(text)
	var parts []string
	for _, query := range o.Queries {
		parts = append(parts, kindOf(query, o.Word, text))
	}
	for _, value := range o.Values {
		parts = append(parts, "'"+value+"'")
	}
	return strings.Join(append(parts, o.Keywords...), ", ")
}

// kindOf returns the kind of names that a query is for, with what they belong to.
func kindOf(query, word, text string) string {
	for _, kind := range slices.Sorted(maps.Keys(sources)) {
		if query == Query(kind, word, "") {
			return "<" + kind + ">"
		}
		for _, of := range placeAt(text).words {
			if strings.Contains(strings.ToUpper(of), "(") || strings.HasPrefix(of, "'") {
				continue
			}
			if query == Query(kind, word, of) {
				return "<" + kind + " of " + of + ">"
			}
		}
	}
	return "<?>"
}

// TestSQL has what is offered at places of all sorts of statements.
func TestSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"refresh ": "MATERIALIZED VIEW",
		"refresh materialized view concurrently ": "<matviews>",
		"update ":                                         "<updatables>, ONLY",
		"update people set ":                              "<columns of people>",
		"update people set ful":                           "<columns of people>",
		"update people ":                                  "SET",
		"update shop.customer set a = 1, ":                "<columns of shop.customer>",
		"update people set a ":                            "=",
		"insert into people (":                            "<columns of people>",
		"insert into people (id, ":                        "<columns of people>",
		"insert into people(id,ful":                       "<columns of people>",
		"insert into shop.customer (":                     "<columns of shop.customer>",
		"insert into people (id) ":                        "OVERRIDING, SELECT, TABLE, VALUES",
		"INSERT ":                                         "INTO",
		"delete ":                                         "FROM",
		"delete from people where ":                       "<columns of people>",
		"select * from shop.customer where ci":            "<columns of shop.customer>, " + strings.Join(operands, ", "),
		"select * from shop.customer c join people p on ": "<columns of shop.customer>, <columns of people>",
		"select * from a, b where ":                       "<columns of a>, <columns of b>",
		"select ":                                         "",
		"select * from ":                                  "<selectables>, LATERAL, ONLY, ROWS FROM (",
		"select * from people ":                           "",
		"select * from people order by ":                  "<columns of people>",
		"select * from people group ":                     "BY",
		"select 1::":                                      "<types>, '" + strings.Join(typeNames, "', '") + "'",
		"set timezone to ":                                "<timezones>, DEFAULT",
		"set time zone ":                                  "<timezones>, LOCAL, DEFAULT",
		"set search_path = ":                              "<schemas>, DEFAULT",
		"set enable_seqscan to ":                          "<settingvalues of enable_seqscan>, DEFAULT",
		"set work_mem ":                                   "TO",
		"show ":                                           "<shown>, ALL, SESSION AUTHORIZATION",
		"drop table ":                                     "<tables>",
		"drop table people ":                              "CASCADE, RESTRICT",
		"drop function f(":                                "<arguments of f>",
		"alter table people ":                             "ADD, ALTER, ATTACH PARTITION, CLUSTER ON, DETACH PARTITION, DISABLE, DROP, ENABLE, FORCE ROW LEVEL SECURITY, INHERIT, NO, NOT OF, OF, OWNER TO, RENAME, REPLICA IDENTITY, RESET, SET, VALIDATE CONSTRAINT",
		"alter table people alter column ":                "<columns of people>",
		"alter table people add primary key (":            "<columns of people>",
		"alter table people drop constraint ":             "<constraintsof of people>",
		"alter table people rename column a ":             "TO",
		"alter type mood rename value ":                   "<labels of mood>",
		"alter table people owner to ":                    "<roles>, CURRENT_ROLE, CURRENT_USER, SESSION_USER",
		"create index on people (":                        "<columns of people>",
		"create index i on people using ":                 "<indexmethods>",
		"create table t (id ":                             "<types>, '" + strings.Join(typeNames, "', '") + "'",
		"create extension ":                               "<availableextensions>, IF NOT EXISTS",
		"create role r with ":                             "",
		"grant select on ":                                "",
		"grant select on people to ":                      "<roles>, PUBLIC, CURRENT_ROLE, CURRENT_USER, SESSION_USER",
		"grant alice ":                                    "TO",
		"revoke select on people from ":                   "<roles>, PUBLIC, CURRENT_ROLE, CURRENT_USER, SESSION_USER",
		"comment on table people ":                        "IS",
		"comment on table people is ":                     "",
		"vacuum (":                                        "",
		"explain (analyze, ":                              "ANALYZE, BUFFERS, COSTS, FORMAT, GENERIC_PLAN, MEMORY, SERIALIZE, SETTINGS, SUMMARY, TIMING, VERBOSE, WAL",
		"explain (format ":                                "TEXT, XML, JSON, YAML",
		"begin ":                                          "WORK, TRANSACTION, ISOLATION LEVEL, READ, DEFERRABLE, NOT DEFERRABLE",
		"begin isolation level read ":                     "COMMITTED, UNCOMMITTED",
		"select 1; refresh ":                              "MATERIALIZED VIEW",
		"select ';' from people where ":                   "<columns of people>",
		"select 'from ":                                   "",
		"select $$from ":                                  "",
		"select 1 /* from ":                               "",
		"-- from ":                                        "",
		"call ":                                           "<procedures>",
		"copy people ":                                    "FROM, TO",
		"execute ":                                        "<prepared>",
		"merge into people using shop.customer on ":       "<columns of people>, <columns of shop.customer>",
		"merge into a using b on a.x = b.x when ":         "MATCHED, NOT MATCHED",
		"select * from a left ":                           "JOIN, OUTER JOIN",
		"select * from a join b using (":                  "<columns of b>",
		"select case when ":                               "",
		"with x as (select 1) select * from ":             "<selectables>, LATERAL, ONLY, ROWS FROM (",
		"checkpoint ":                                     "",
	} {
		got := described(text)
		if want == "" {
			switch text {
			case "create role r with ", "grant select on ", "vacuum (":
				if !strings.Contains(got, ", ") {
					t.Errorf("%q: got %q, want some", text, got)
				}
				continue
			}
		}
		if got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestFirstWords has all commands offered at the start of a statement.
func TestFirstWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "sel", "select 1;", "select 1;\n  "} {
		if o := SQL(text); len(o.Keywords) != len(commands) || len(o.Queries) > 0 {
			t.Errorf("%q: got %+v", text, o)
		}
	}
}

// TestKeywordsAfterOperands has keywords offered where an operand has ended, and names where one is wanted.
func TestKeywordsAfterOperands(t *testing.T) {
	t.Parallel()
	for text, wanted := range map[string]bool{
		"select a fr": false, "select 1 fr": false, "select f() fr": false, "select 'x' fr": false, "select * fr": false, "select a[1] fr": false,
		"select a, fr": true, "select a + fr": true, "select f(fr": true, "select distinct fr": true, "select a from t where x = fr": true,
	} {
		o := SQL(text)
		if names := len(o.Queries) > 0; names != wanted || slices.Contains(o.Keywords, "FROM") == wanted {
			t.Errorf("%q: %d queries, keywords %v", text, len(o.Queries), o.Keywords)
		}
	}
}

// TestMembers has what may stand behind a dot.
func TestMembers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"select * from shop.customer c where c.":        "to_regclass('shop.customer')",
		"select * from shop.customer where customer.ci": "to_regclass('shop.customer')",
		"select people.":             "to_regclass('people')",
		"select shop.":               "to_regnamespace('shop')",
		"select * from shop.cu":      "to_regnamespace('shop')",
		`select * from "My Shop".cu`: `to_regnamespace('"My Shop"')`,
		"select * from shop.customer c, people p where p.f": "to_regclass('people')",
	} {
		if got := strings.Join(SQL(text).Queries, "\n"); !strings.Contains(got, want) {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

// TestRules checks the table itself.
func TestRules(t *testing.T) {
	t.Parallel()
	if len(rules()) < 500 {
		t.Fatalf("there are %d rules", len(rules()))
	}
	seen := map[string]bool{}
	for _, r := range rules() {
		before := strings.Join(r.before, " ")
		if before == "" || seen[before] {
			t.Errorf("the rule for %q stands twice, or says nothing", before)
		}
		seen[before] = true
		for _, o := range r.offers {
			if o.kind != "" && o.kind != "scope" && Query(o.kind, "", "") == "" {
				t.Errorf("%s: there are no names of the kind %q", before, o.kind)
			}
			if strings.ContainsAny(o.keyword, "$<>'\"_") && !strings.Contains(o.keyword, "_") {
				t.Errorf("%s: %q is no keyword", before, o.keyword)
			}
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patterns, words string
		want            bool
	}{
		{"a b", "A b", true},
		{"a b", "a", false},
		{"a", "a b", false},
		{"a *", "a x", true},
		{"a *", "a (", false},
		{"a *", "a ()", true},
		{"... b", "a b", true},
		{"... b", "b", true},
		{"... b", "b a", false},
		{"a ... c", "a b b c", true},
		{"a ... c", "a c", true},
		{"a|b c", "b c", true},
		{"a !b|c", "a d", true},
		{"a !b|c", "a c", false},
		{"a ... b ... c", "a x b y c", true},
		{"a ... b ... c", "a x c", false},
	} {
		if got := matches(strings.Fields(c.patterns), strings.Fields(c.words)); got != c.want {
			t.Errorf("%q, %q: got %t", c.patterns, c.words, got)
		}
	}
}

func TestPlaceAt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"select a.b, c":           "select a.b ,|c",
		`select "a b"."c`:         `select|"a b"."c`,
		"f(a, b) x":               "f ()|x",
		"f(a, (b) x":              "f ( a , ()|x",
		"a 'it''s' b":             "a 'it''s'|b",
		`a E'it\'s' b`:            `a E'it\'s'|b`,
		"set timezone to 'Eu":     "set timezone to|'Eu",
		"a -- x\n b":              "a|b",
		"a /* x */ b":             "a|b",
		"select $1 a":             "select $1|a",
		"select $$a;b$$ c":        "select $$a;b$$|c",
		"select 1; select 2":      "select|2",
		"a::te":                   "a ::|te",
		"a>=b":                    "a >=|b",
		`\copy t from`:            `\copy t|from`,
		"select größe":            "select|größe",
		strings.Repeat("a ", 300): strings.TrimSpace(strings.Repeat("a ", most)) + "|",
	} {
		p := placeAt(text)
		if got := strings.Join(p.words, " ") + "|" + p.word; got != want || p.text {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzSQL completes what no one types.
func FuzzSQL(f *testing.F) {
	f.Add("select 'a\" /* $x$ (")
	f.Add("alter table a.\"b add ((( , $1 E'\\")
	f.Fuzz(func(t *testing.T, text string) {
		if o := SQL(text); !strings.HasSuffix(text, o.Word) {
			t.Errorf("%q: the word is %q", text, o.Word)
		}
	})
}

func ExampleSQL() {
	o := SQL("refresh mat")
	fmt.Println(o.Word, o.Keywords)
	// Output: mat [MATERIALIZED VIEW]
}
