package dump

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestEnding: of each SQL it is known whether a dump in it is cut.
func TestEnding(t *testing.T) {
	t.Parallel()
	const (
		begin, end = "--\n-- PostgreSQL database dump\n--\n\n", "--\n-- PostgreSQL database dump complete\n--\n\n"
		all, done  = "--\n-- PostgreSQL database cluster dump\n--\n\n", "--\n-- PostgreSQL database cluster dump complete\n--\n\n"
	)
	for sql, cut := range map[string]bool{
		"":                                      false,
		"SELECT 1":                              false,
		begin:                                   true,
		begin + "SELECT 1;\n":                   true,
		begin + end:                             false,
		begin + end + end:                       false,
		begin + end[:len(end)-5]:                false,
		begin + end[:len(end)-6]:                true,
		all + done + begin + end:                false,
		all + done + begin:                      true,
		all + begin + end:                       true, // pg_dumpall, cut between two databases
		all + begin + end + begin:               true,
		all + begin + end + begin + end:         true,
		all + begin + end + done:                false,
		begin + end + begin:                     true,
		begin + end + "SELECT 2;\n":             false,
		"\ufeff" + begin:                        true,
		strings.ReplaceAll(begin, "\n", "\r\n"): true,
		strings.ReplaceAll(begin+end, "\n", "\r\n"):                                 false,
		"SELECT '\n-- PostgreSQL database dump\n';\n":                               false, // in no dump
		begin + "VALUES ('\n" + begin + "');\n" + end:                               false, // in the data
		begin + "VALUES ('\n" + all + "');\n" + end:                                 false,
		begin + "VALUES ('\n" + begin + end + "');\n" + end:                         false,
		begin + "-- PostgreSQL database dump complete, nearly":                      true,
		begin + strings.Repeat("x", 200) + "-- PostgreSQL database dump complete\n": true, // no line of its own
	} {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(sql), "in bytes": iotest.OneByteReader(strings.NewReader(sql))} {
			e := &ending{r: r}
			if b, err := io.ReadAll(e); err != nil || string(b) != sql {
				t.Fatalf("%q became %q, %v", sql, b, err)
			}
			if e.cut() != cut {
				t.Errorf("%q, %s: cut is %v", sql, name, !cut)
			}
		}
	}
}

// FuzzEnding: SQL passes unchanged, and how it comes in pieces makes no difference.
func FuzzEnding(f *testing.F) {
	f.Add("--\n-- PostgreSQL database dump\n--\n", 3)
	f.Add("\ufeff--\r\n-- PostgreSQL database cluster dump\r\n--\r\n-- PostgreSQL database cluster dump complete", 70)
	f.Fuzz(func(t *testing.T, sql string, at int) {
		at = min(max(at, 0), len(sql))
		pieces := &ending{r: io.MultiReader(strings.NewReader(sql[:at]), strings.NewReader(sql[at:]))}
		whole := &ending{r: strings.NewReader(sql)}
		for _, e := range []*ending{pieces, whole} {
			if b, err := io.ReadAll(e); err != nil || string(b) != sql {
				t.Fatalf("%q became %q, %v", sql, b, err)
			}
		}
		if pieces.cut() != whole.cut() {
			t.Errorf("%q in pieces of %d: %v", sql, at, !whole.cut())
		}
	})
}
