package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/complete"
)

// TestCompleteWithoutCatalog completes what the server need not be asked for.
func TestCompleteWithoutCatalog(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one.sql", "only.sql", ".hidden", "sub/inner.sql"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", dir)
	s := &Session{Config: Config{Variables: Variables{"mine": "1"}}, unusable: os.ErrClosed}
	for text, want := range map[string]string{
		`\timi`:                           "ng ",
		`\pset bor`:                       "der ",
		`\pset format una`:                "ligned ",
		`\pset linestyle u`:               "nicode ",
		`\pset null x`:                    "",
		`\x a`:                            "uto ",
		`\set VERBO`:                      "SITY ",
		`\set VERBOSITY v`:                "erbose ",
		`\set FETCH_COUNT 1`:              "",
		`\set ECHO_HIDDEN no`:             "exec ",
		`\unset ON_ERROR_S`:               "TOP ",
		`\echo :mi`:                       "ne ",
		`\h create tab`:                   "le |le as |lespace ",
		`\h DROP OW`:                      "NED ",
		`\? var`:                          "iables ",
		`\i ` + dir + `/on`:               "e.sql |ly.sql ",
		`\i ` + dir + `/su`:               "b/",
		`\ir ~/sub/i`:                     "nner.sql ",
		`\i ` + dir + `/.h`:               "idden ",
		`\i ` + dir + `/nowhere/x`:        "",
		`\copy t from '` + dir + `/sub/i`: "nner.sql' ",
		`\copy t TO std`:                  "out |in ",
		`SELE`:                            "CT ",
		`INSERT INTO t VAL`:               "UES ",
		"SELECT\t1 FRO":                   "M ",
	} {
		endings, typed := s.Complete(text)
		wanted := strings.Split(want, "|")
		if want == "" {
			wanted = nil
		}
		slices.Sort(endings)
		slices.Sort(wanted)
		if !slices.Equal(endings, wanted) {
			t.Errorf("%s: got %q, want %q", text, endings, wanted)
		}
		if word := text[strings.LastIndexAny(text, " \t'")+1:]; len(endings) > 0 && typed != len(word) {
			t.Errorf("%s: %d typed, want %d", text, typed, len(word))
		}
	}
}

// TestCompletesNames checks that commands which take a name have a query for it.
func TestCompletesNames(t *testing.T) {
	t.Parallel()
	for name := range strings.FieldsSeq("d d+ dS dt di+ dv dm ds dE dtv dp z sv sv+ ev sf ef df dfn df+ dfanS da dn dn+ du dg c l dT dD dO dc dF " +
		"dFd dFp dFt dA db dL dx dx+ dX dy des dew dP dPt dconfig ddp drds password copy encoding dRp dRs det deu") {
		if query := complete.Query(commandKind(name, 0), "", ""); !strings.HasPrefix(query, "SELECT ") {
			t.Errorf("\\%s: kind %q, query %q", name, commandKind(name, 0), query)
		}
	}
	for name, number := range map[string]int{"df": 1, "do": 2, "c": 1, "drds": 1} {
		if kind := commandKind(name, number); complete.Query(kind, "", "") == "" {
			t.Errorf("argument %d of \\%s: kind %q", number, name, kind)
		}
	}
	for name, number := range map[string]int{"c": 2, "dt": 1, "echo": 0, "x": 1} {
		if kind := commandKind(name, number); kind != "" {
			t.Errorf("argument %d of \\%s: kind %q", number, name, kind)
		}
	}
}
