package format

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

func TestPositionLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 12)
	for name, c := range map[string]struct {
		query    string
		position int
		want     string
	}{
		"first":          {"SELECT x", 8, "LINE 1: SELECT x\n               ^\n"},
		"end":            {"SELECT", 7, "LINE 1: SELECT\n              ^\n"},
		"second line":    {"a\nb c\nd", 5, "LINE 2: b c\n          ^\n"},
		"line ends":      {"a\r\nb\rc", 6, "LINE 3: c\n        ^\n"},
		"on a line end":  {"ab\nc", 3, "LINE 1: ab\n          ^\n"},
		"tabs":           {"a\tb", 3, "LINE 1: a b\n          ^\n"},
		"wide":           {"日本x", 3, "LINE 1: 日本x\n            ^\n"},
		"cut right":      {long, 1, "LINE 1: " + long[:60] + "...\n        ^\n"},
		"cut left":       {long, 120, "LINE 1: ..." + long[:60] + "\n" + strings.Repeat(" ", 70) + "^\n"},
		"cut both":       {long, 70, "LINE 1: ..." + long[19:79] + "...\n" + strings.Repeat(" ", 61) + "^\n"},
		"behind the end": {"a", 3, ""},
		"before":         {"a", 0, ""},
	} {
		if got := positionLines(c.query, c.position); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestFormatError(t *testing.T) {
	t.Parallel()
	e := &pgproto3.ErrorResponse{
		Severity: "ERROR", Code: "42P01", Message: "m", Detail: "d", Hint: "h", Position: 2, Where: "w",
		InternalQuery: "inner", SchemaName: "s", TableName: "t", File: "f.c", Line: 7, Routine: "r",
	}
	for v, want := range map[Verbosity]string{
		Terse:   "ERROR:  m at character 2\n",
		Default: "ERROR:  m\nLINE 1: abc\n         ^\nDETAIL:  d\nHINT:  h\nQUERY:  inner\nCONTEXT:  w\n",
		Verbose: "ERROR:  42P01: m\nLINE 1: abc\n         ^\nDETAIL:  d\nHINT:  h\nQUERY:  inner\nCONTEXT:  w\nSCHEMA NAME:  s\nTABLE NAME:  t\nLOCATION:  r, f.c:7\n",
	} {
		if got := FormatError(e, "abc", v); got != want {
			t.Errorf("verbosity %d: got\n%s\nwant\n%s", v, got, want)
		}
	}
	notice := &pgproto3.NoticeResponse{Severity: "NOTICE", Message: "m", Where: "w"}
	if got := FormatNotice(notice, "", Default); got != "NOTICE:  m\n" {
		t.Errorf("notice: got %q", got)
	}
}

func FuzzPositionLines(f *testing.F) {
	f.Add("SELECT\t日本\r\n x", 5)
	f.Add(strings.Repeat("日", 100), 60)
	f.Fuzz(func(t *testing.T, query string, position int) {
		got := positionLines(query, position)
		if got != "" && (!strings.HasPrefix(got, "LINE ") || !strings.HasSuffix(got, "^\n")) {
			t.Errorf("got %q", got)
		}
	})
}
