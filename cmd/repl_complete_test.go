//go:build unix

package cmd

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl"
	"github.com/pglite-toolbox/pglite/repl/complete"
	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestCompletesFromCatalog has names of all kinds completed from a real catalog: what is typed, and what it becomes.
func TestCompletesFromCatalog(t *testing.T) {
	t.Parallel()
	db, err := memoryBackend(t).open(t.Context(), clusterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := os.ReadFile("testdata/describe/objects.sql")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgclient.OpenOwn(t.Context(), db.Dial, pgclient.Login{User: "postgres", Database: "postgres"}, nil, pgclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var out, messages bytes.Buffer
	p := &program{streams: Streams{Out: &out, Err: &messages}}
	s := p.session(connectionOf(conn), &plan{options: format.DefaultOptions(), output: &out, stdin: lex.NewInput(strings.NewReader("")), variables: repl.Variables{}})
	s.CompletionLimit = patience
	if err := s.Script(t.Context(), lex.NewInput(bytes.NewReader(objects)), "objects.sql"); err != nil {
		t.Fatal(err, messages.String())
	}
	messages.Reset()
	for text, want := range map[string]string{
		"SELECT * FROM paren": "parent ", "SELECT * FROM s2.chil": "s2.child ", "SELECT * FROM publi": "public.", "UPDATE paren": "parent ",
		"SELECT bi": "big ", "SELECT parent.na": "parent.name ", "SELECT pg_size_pr": "pg_size_pretty(", "SELECT ad": "add(", "INSERT INTO paren": "parent ",
		"SET work_m": "work_mem ", "SHOW server_version_n": "server_version_num ", "GRANT SELECT ON paren": "parent ", "DROP TABLE paren": "parent ",
		"CREATE EXTENSION pg_tr": "pg_trgm ", "ALTER ROLE bo": "bob ", "DROP DATABASE templa": "template0 ", "DROP SCHEMA s": "s2 ", `SELECT * FROM "Quo`: `"Quoted ""Name" `,
		`\d paren`: "parent ", `\d+ s2.chil`: "s2.child ", `\d s`: "s2.", `\dt paren`: "parent ", `\dtv paren`: "parent ", `\di parent_p`: "parent_pkey ", `\dv v`: "vc ", `\dm m`: "mv ",
		`\ds s`: "sq ", `\dE f`: "ft ", `\dp paren`: "parent ", `\sv v`: "vr ", `\sf ad`: "add ", `\ef ad`: "add ", `\df ad`: "add ", `\df add in`: "int4 ", `\da mys`: "mysum ", `\do + in`: "int4 ",
		`\dn s`: "s2 ", `\du bo`: "bob ", `\dg bo`: "bob ", `\password bo`: "bob ", `\drds bo`: "bob ", `\drds bob post`: "postgres ", `\ddp bo`: "bob ",
		`\c templa`: "template0 ", `\c postgres bo`: "bob ", `\l templa`: "template0 ", `\dT moo`: "mood ", `\dD pos`: "posint ", `\dO coll`: "collc ", `\dF ts`: "tsc ", `\dFd english_s`: "english_stem ",
		`\dFp "defa`: `"default" `, `\dFt simp`: "simple ", `\dA btre`: "btree ", `\db pg_d`: "pg_default ", `\dL plpg`: "plpgsql ", `\dx plpg`: "plpgsql ", `\dconfig work_m`: "work_mem ",
		`\dP p`: "pt ", `\copy paren`: "parent ", `\encoding LATIN`: "LATIN1 ",
	} {
		endings, typed := s.Complete(text)
		word := text[len(text)-typed:]
		var names []string
		found := false
		for _, ending := range endings {
			names = append(names, word+ending)
			found = found || word+ending == want
		}
		if !found {
			t.Errorf("%s: got %q, want %q among them", text, names, want)
		}
	}
	if messages.Len() > 0 {
		t.Errorf("the user is told %q", messages.String())
	}
	completesExactly(t, s)
	runsQueriesForNames(t, s)
	if names, _ := s.Complete("SELECT 1; BEGI"); len(names) == 0 || s.TxStatus() != 'I' {
		t.Errorf("got %q in state %c", names, s.TxStatus())
	}
}

// completesExactly checks all that is offered, where a name too many would be wrong.
func completesExactly(t *testing.T, s *repl.Session) {
	t.Helper()
	err := s.Query(t.Context(), `CREATE SCHEMA shop;
CREATE TABLE shop.customer (id serial PRIMARY KEY, full_name text, city text, "Mixed Case" int);
CREATE FUNCTION shop.total(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE people (pid int, full_name text); CREATE MATERIALIZED VIEW matview AS SELECT 1 AS one;
CREATE TYPE feeling AS ENUM ('bad', 'well');`)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`\d shop.cus`:                               "shop.customer |shop.customer_id_seq |shop.customer_pkey ",
		`\d shop.customer`:                          "shop.customer |shop.customer_id_seq |shop.customer_pkey ",
		`\dt shop.cus`:                              "shop.customer ",
		`\ds shop.`:                                 "shop.customer_id_seq ",
		`\df shop.`:                                 "shop.total ",
		`\sf shop.`:                                 "shop.total ",
		`\dt sho`:                                   "shop.",
		`\h cre`:                                    "",
		`\h refresh m`:                              "materialized view ",
		"update people set ful":                     "full_name ",
		"update people set ":                        "full_name |pid ",
		"insert into people (":                      "full_name |pid ",
		"insert into people (pid, f":                "full_name ",
		"insert into shop.customer (":               `"Mixed Case" |city |full_name |id `,
		`insert into shop.customer ("M`:             `"Mixed Case" `,
		"select * from shop.customer where ci":      "city ",
		"select * from shop.customer c where c.f":   "c.full_name ",
		"select people.f":                           "people.full_name ",
		"select shop.customer.c":                    "shop.customer.city ",
		"select shop.to":                            "shop.total(",
		"select pid, ful":                           "full_name ",
		"refresh ":                                  "MATERIALIZED VIEW ",
		"refresh mat":                               "materialized view ",
		"REFRESH MATERIALIZED VIEW matv":            "matview ",
		"drop tab":                                  "table |tablespace ",
		"DROP TAB":                                  "TABLE |TABLESPACE ",
		"drop table peop":                           "people ",
		"alter table people drop column p":          "pid ",
		"set timezone to 'Europe/Berl":              "'Europe/Berlin' ",
		"set enable_seqscan to o":                   "off |on ",
		"set default_transaction_isolation = 'read": "",
		"set wal_compression to l":                  "lz4 ",
		"alter type feeling rename value 'w":        "'well' ",
		"drop function shop.total(":                 "integer) ",
		"sele":                                      "select ",
		"insert into people v":                      "values ",
	} {
		endings, typed := s.Complete(text)
		word := text[len(text)-typed:]
		names := make([]string, len(endings))
		for i, ending := range endings {
			names[i] = word + ending
		}
		if want == "" && text == `\h cre` {
			want = strings.ToLower(strings.Join(names, "|"))
		}
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// runsQueriesForNames runs the query for each kind of names, with words of all sorts.
func runsQueriesForNames(t *testing.T, s *repl.Session) {
	t.Helper()
	kinds := complete.Kinds()
	if len(kinds) < 50 {
		t.Fatalf("there are %d kinds of names", len(kinds))
	}
	for _, kind := range kinds {
		for _, word := range []string{"", "a", "pg_x", `"Q`, "it's", "shop.c", `shop."`, "@{of}"} {
			for _, of := range []string{"", "people", "shop.customer", `"no such"`} {
				query := complete.Query(kind, word, of)
				if query == "" || of != "" && query == complete.Query(kind, word, "") {
					continue
				}
				if err := s.Query(t.Context(), query); err != nil {
					t.Errorf("%s, %q of %q: %v\n%s", kind, word, of, err, query)
				}
			}
		}
	}
}
