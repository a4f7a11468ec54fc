//go:build unix

package cmd

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// nativeBackend runs commands against the native server in this process.
func nativeBackend(s *nativeServer) backend {
	return backend{
		open:  func(context.Context, clusterConfig) (cluster, error) { return nativeCluster{s.socket}, nil },
		tools: func() []string { return nil },
	}
}

// result is what a program did.
type result struct {
	stdout, stderr string
	code           int
}

func runPglite(s *nativeServer, stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"pglite", "exec"}, args...), Streams{In: strings.NewReader(stdin), Out: &stdout, Err: &stderr}, nativeBackend(s))
	return result{stdout.String(), stderr.String(), code}
}

func runPsql(t *testing.T, s *nativeServer, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := s.command("postgres", append([]string{"-v", "ON_ERROR_STOP=1"}, args...)...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &stdout, &stderr
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if err := c.Run(); c.ProcessState == nil || c.ProcessState.ExitCode() < 0 {
		t.Fatalf("psql: %v", err)
	}
	return result{stdout.String(), stderr.String(), c.ProcessState.ExitCode()}
}

func compare(t *testing.T, got, want result) {
	t.Helper()
	if got.stdout != want.stdout {
		t.Errorf("standard output\npglite:\n%s\npsql:\n%s", visible(got.stdout), visible(want.stdout))
	}
	if got.stderr != strings.ReplaceAll(want.stderr, "psql:", "pglite:") {
		t.Errorf("standard error\npglite:\n%s\npsql:\n%s", visible(got.stderr), visible(want.stderr))
	}
}

// visible shows where lines end.
func visible(text string) string { return strings.ReplaceAll(text, "\n", "$\n") }

// printQueries are results that are hard to print.
var printQueries = map[string]string{
	"one":         "SELECT 1",
	"types":       "SELECT 1::int2 a, 2::int8 b, 3.50::numeric c, 1.5::float4 d, true e, 'x'::text f, '5'::money g, 7::oid h, ARRAY[1,2] i, NULL j, '2020-01-02'::date k",
	"rows":        "SELECT i, repeat('x', i) AS text, NULL AS nothing FROM generate_series(0, 12, 3) i",
	"none":        "SELECT 1 AS a, 'b' AS b WHERE false",
	"no columns":  "SELECT FROM generate_series(1, 2)",
	"lines":       "SELECT E'one\\ntwo\\n\\nfour' AS a, 1 AS b, E'x\\ny' AS c UNION ALL SELECT 'wide enough to pad', 22, ''",
	"lines last":  "SELECT 1 AS b, E'short\\na longer line\\nx' AS a UNION ALL SELECT 2, 'y'",
	"lines right": "SELECT E'a\\nb' AS a, 1000 AS n, 5 AS m UNION ALL SELECT 'c', 2, 3",
	"name lines":  "SELECT 1 AS \"a\nlonger\nc\", 'x' AS b, E'p\\nq\\nr\\ns' AS \"y\nz\"",
	"wide":        "SELECT '日本語' AS \"名前\", 'ｆｕｌｌ' AS b, 'é' AS c, U&'e\\0301' AS d, '😀' AS e, '👩👩👧' AS f, 'x' AS g UNION ALL SELECT 'a', 'b', 'c', 'd', 'e', 'f', 'g'",
	"controls":    "SELECT E'a\\tb' AS a, E'\\x01\\x1f\\x7f' AS b, E'c\\rd' AS c, U&'\\0080\\009f' AS d, E'\\ttab' AS e",
	"tags":        "CREATE TEMP TABLE t(a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL) RETURNING *; UPDATE t SET a = a + 1 RETURNING a; DELETE FROM t; TABLE t",
	"csv":         "SELECT 'a,b' AS \"x,y\", E'q\"q' AS b, E'l\\nm' AS c, '' AS d, '\\.' AS e, ' s ' AS f, ';' AS g",
	"html":        "SELECT '<a href=\"x\">&</a>' AS \"<b>\", E'  two\\nlines' AS b, '  ' AS c, '' AS d, 1 AS e",
	"long names":  "SELECT 1 AS a_name_that_is_much_longer_than_the_label, 'x' AS b",
	"narrow rows": "SELECT i AS a FROM generate_series(1, 12) i",
	"narrow":      "SELECT 1 AS a",
	"empty":       ";",
	"copy":        "COPY (SELECT 1, E'a\\tb', NULL) TO STDOUT",
	"notify":      "LISTEN c; NOTIFY c, 'p'",
	"long":        "SELECT i, repeat('word ' || i || ' ', 30 - i) AS text, repeat('日本', i) || E'\\nsecond line of it ' || i AS \"two\nlines\", i * 1000000000000 AS n FROM generate_series(1, 20, 4) i",
	"numbers":     "SELECT 1234567.891::numeric AS a, -1234::int AS b, 123::int2 AS c, 1e20::float8 AS d, '-12345.67'::money AS e, 'NaN'::float8 AS f, '1234567' AS g, 1000000::int8 AS h, NULL::int AS i",
	"escapes":     "SELECT '#$%&<>\\^_{|}~' AS \"a_b|c\\d\", E'x\\ny' AS b, '  ' AS c, 7 AS d",
}

// printOptions are the options of psql that say how to print.
var printOptions = map[string][]string{
	"aligned": nil, "border 0": {"-P", "border=0"}, "border 2": {"-P", "border=2"}, "null": {"-P", "null=(null)"}, "tuples": {"-t"},
	"tuples border 2": {"-t", "-P", "border=2"}, "footer": {"-P", "footer=off"}, "unicode": {"-P", "linestyle=unicode"}, "unicode 2": {"-P", "linestyle=unicode", "-P", "border=2"},
	"expanded": {"-x"}, "expanded 0": {"-x", "-P", "border=0"}, "expanded 2": {"-x", "-P", "border=2"}, "expanded tuples": {"-x", "-t"}, "expanded tuples 2": {"-xtPborder=2"},
	"expanded unicode": {"-x", "-P", "linestyle=unicode"}, "expanded unicode 2": {"-x", "-P", "linestyle=unicode", "-P", "border=2"},
	"unaligned": {"-A"}, "unaligned tuples": {"-At"}, "separators": {"-A", "-F", " ; ", "-R", " / "}, "zero": {"-Az0"}, "unaligned expanded": {"-Ax"}, "unaligned expanded tuples": {"-Axt"},
	"csv dot": {"--csv", "-P", "csv_fieldsep=."}, "csv": {"--csv"}, "csv tuples": {"--csv", "-t"}, "csv expanded": {"--csv", "-x"}, "csv separator": {"--csv", "-P", "csv_fieldsep=;"},
	"html": {"-H"}, "html tuples": {"-Ht"}, "html expanded": {"-Hx"}, "html expanded tuples": {"-Hxt"}, "html attributes": {"-H", "-T", `class="x"`, "-P", "border=0"},
	"quiet": {"-q"},
}

// TestPrintsLikePsql compares the formats that psql has too, byte by byte.
func TestPrintsLikePsql(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	for how, args := range printOptions {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			if server.major < 18 && changedSince(how) {
				t.Skip("psql prints this otherwise since; TestPrintsLikeOwnPsql has it")
			}
			args := append(commandsOf(printQueries), args...)
			comparePrinted(t, runPglite(server, "", args...), runPsql(t, server, "", args...))
		})
	}
}

// commandsOf returns the options that run all queries in one session, each after its name. The notification comes last, because what
// follows its process id is not compared.
func commandsOf(queries map[string]string) (args []string) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(queries)), func(name string) bool { return name == "notify" })
	for _, name := range append(names, "notify") {
		args = append(args, "-c", `\qecho == `+name, "-c", queries[name])
	}
	return args
}

// changedSince reports whether older versions of psql print with the option in another way.
func changedSince(how string) bool {
	return strings.HasPrefix(how, "expanded") && !strings.Contains(how, "tuples") || how == "csv dot"
}

// comparePrinted compares what was printed for commandsOf.
func comparePrinted(t *testing.T, got, want result) {
	t.Helper()
	if names := strings.Count(want.stdout, "== "); names < 20 || !strings.Contains(want.stdout, "PID") || want.code != exitOK {
		t.Fatalf("psql ends after %d queries: %+v", names, want)
	}
	sameLines(t, "standard output", cutPID(got.stdout), cutPID(want.stdout))
	sameLines(t, "standard error", got.stderr, strings.ReplaceAll(want.stderr, "psql:", "pglite:"))
	if got.code != want.code {
		t.Errorf("exit code %d, psql's is %d", got.code, want.code)
	}
}

// cutPID cuts the process id off a notification.
func cutPID(text string) string {
	before, _, _ := strings.Cut(text, "PID")
	return before
}

// TestFailsLikePsql compares errors, notices and the lines they name.
func TestFailsLikePsql(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	scripts := map[string]string{
		"position":        "SELECT 1;\n\nSELECT\n  nonsense,\n\n 2;\nSELECT 3;\n",
		"syntax":          "SELECT 1 +;\nSELECT 2;",
		"end of input":    "SELECT (",
		"cut right":       "SELECT nonsense, " + strings.Repeat("'0123456789', ", 10) + "1;",
		"cut left":        "SELECT " + strings.Repeat("'0123456789', ", 10) + "nonsense;",
		"cut both":        "SELECT " + strings.Repeat("'0123456789', ", 10) + "nonsense, " + strings.Repeat("'0123456789', ", 10) + "1;",
		"cut wide":        "SELECT " + strings.Repeat("'日本語日本語', ", 10) + "nonsense, " + strings.Repeat("'日本語', ", 10) + "1;",
		"tabs":            "SELECT\t'é\t日本',\tnonsense;",
		"carriage return": "SELECT 1,\r\n  nonsense;\r\n",
		"detail":          "CREATE TEMP TABLE t(a int PRIMARY KEY);\nINSERT INTO t VALUES (1), (1);\n",
		"hint":            "SELECT lowr('x');",
		"context":         "DO $$\nBEGIN\n  PERFORM 1/0;\nEND $$;",
		"inner query":     "DO $$\nBEGIN\n  EXECUTE 'SELECT 1 +\n nonsense';\nEND $$;",
		"notices":         "DO $$\nBEGIN\n  RAISE NOTICE 'n' USING DETAIL = 'd', HINT = 'h';\n RAISE WARNING 'w'; RAISE INFO E'two\\nlines';\nEND $$;\nDROP TABLE IF EXISTS none;\nSELECT 1;",
		"comments":        "-- one\n/* two\n */ SELECT nonsense; -- three",
		"empty lines":     "SELECT 'a\n\n\nb',\n\n\nnonsense;",
		"unclosed":        "SELECT 1;\nSELECT 'a;\nSELECT 2;",
		"copy":            "CREATE TEMP TABLE t(a int, b text);\nCOPY t FROM STDIN;\n1\tx\n2\t\\N\n\\.\nTABLE t;\nSELECT nonsense;",
		"copy error":      "CREATE TEMP TABLE t(a int);\nCOPY t FROM STDIN;\n1\nx\n3\n\\.\nTABLE t;",
		"copy to end":     "CREATE TEMP TABLE t(a int);\nCOPY t FROM STDIN;\n1\n2\n",
		"copy csv":        "CREATE TEMP TABLE t(a text);\nCOPY t FROM STDIN (FORMAT csv);\n\"a;b\nc\"\n\\.\nTABLE t;\n",
		"copy same line":  "CREATE TEMP TABLE t(a int);\nCOPY t FROM STDIN; SELECT count(*) FROM t;\n1\n\\.\nTABLE t;",
		"copy out":        "COPY (SELECT 1) TO STDOUT; SELECT 2;",
		"joined":          "SELECT 1\\; SELECT 2\\; SELECT nonsense;\n",
		"fatal":           "SELECT 1;\nSELECT 1/0;\nSELECT 2;",
		"variables":       "\\set a 1\n\\set b 'x''y'\nSELECT :a, :'b', :\"b\", :{?a}, :{?none}, ':a';\nSELECT :none;",
		"echo":            "\\echo a 'b  c' :x \"d e\"\n\\warn w\n\\qecho q\n\\echo -n n\nSELECT 1;\n\\q\nSELECT 2;",
		"bad command":     "SELECT 1;\n\\nonsense\nSELECT 2;",
		"atomic":          "CREATE FUNCTION pg_temp.f() RETURNS int BEGIN ATOMIC\n SELECT 1;\n SELECT 2; END;\nSELECT pg_temp.f();",
		"byte order mark": "\uFEFFSELECT 1;\nSELECT nonsense;",
		"character class": "SELECT E'\\u0041\\\\', $$a;b$$, $x$ $$ $x$, \"a;b\" FROM (SELECT 1 AS \"a;b\") x;",
		"invalid":         "SELECT 'a\xff';",
		"errverbose":      "SELECT nonsense;\n\\errverbose\nSELECT 1;",
		"rest of line":    "\\d nosuch \\\\ SELECT 1;\nSELECT 2;",
		"extra":           "\\x on off\n\\if true\n\\echo a\n\\endif more\nSELECT 1;",
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "script.sql")
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			for how, args := range map[string][]string{"file": {"-f", file}, "command": {"-c", script}, "stdin": nil, "dash": {"-f", "-"}, "single": {"-1", "-f", file}} {
				if how == "command" && strings.Contains(script, `\`) {
					continue
				}
				t.Run(how, func(t *testing.T) {
					got, want := runPglite(server, script, args...), runPsql(t, server, script, args...)
					compare(t, got, want)
					if how == "command" && want.code == exitFailure {
						want.code = exitScript // psql has 1 for -c, against its manual
					}
					if got.code != want.code {
						t.Errorf("exit code %d, psql's is %d", got.code, want.code)
					}
				})
			}
			t.Run("continue", func(t *testing.T) {
				got := runPglite(server, script, "--continue", "-f", file)
				c := server.command("postgres", "-f", file)
				var stdout, stderr bytes.Buffer
				c.Stdout, c.Stderr = &stdout, &stderr
				if err := c.Run(); err != nil {
					t.Fatal(err)
				}
				compare(t, got, result{stdout.String(), stderr.String(), 0})
			})
		})
	}
}
