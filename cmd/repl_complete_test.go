//go:build unix

package cmd

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl"
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
	s := p.session(conn, &plan{options: format.DefaultOptions(), output: &out, stdin: lex.NewInput(strings.NewReader("")), variables: repl.Variables{}})
	s.SetDefaults()
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
	if names, _ := s.Complete("SELECT 1; BEGI"); len(names) == 0 || s.TxStatus() != 'I' {
		t.Errorf("got %q in state %c", names, s.TxStatus())
	}
}
