package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
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

// TestCompletesNames checks that commands which take a name ask the server for it.
func TestCompletesNames(t *testing.T) {
	t.Parallel()
	for text := range strings.SplitSeq(`\d |\d+ |\dS |\dt |\di+ |\dv |\dm |\ds |\dE |\dtv |\dp |\z |\sv |\sv+ |\ev |\sf |\ef |\df |\dfn |\df+ |\dfanS |\da |`+
		`\dn |\dn+ |\du |\dg |\c |\l |\dT |\dD |\dO |\dc |\dF |\dFd |\dFp |\dFt |\dA |\db |\dL |\dx |\dx+ |\dX |\dy |\des |\dew |\dP |\dPt |`+
		`\dconfig |\ddp |\drds |\password |\copy |\encoding |\dRp |\dRs |\det |\deu |\df f |\df f int |\do + |\c db |\drds r |\dAc m `, "|") {
		if n := askedFor(t, text); n != 1 {
			t.Errorf("%q: %d queries", text, n)
		}
	}
	for _, text := range []string{`\c db u `, `\dt a `, `\echo `, `\x `, `\do `, `\unknown `} {
		if n := askedFor(t, text); n != 0 {
			t.Errorf("%q: %d queries", text, n)
		}
	}
}

// askedFor returns how many queries completing a text sends.
func askedFor(t *testing.T, text string) (queries int) {
	t.Helper()
	_, _, err := played(t, func(f *fakeServer) error {
		for {
			m, err := f.Receive()
			if err != nil {
				return nil
			}
			if _, ok := m.(*pgproto3.Query); ok {
				queries++
				if err := f.say(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 0")}, ready); err != nil {
					return err
				}
			}
		}
	}, func(s *Session) error {
		s.Complete(text)
		return nil
	})
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return queries
}
