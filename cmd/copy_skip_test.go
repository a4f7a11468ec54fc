//go:build unix

package cmd

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// dataOfFailedCopy are scripts with a COPY that gets no data, which stands in the script all the same. What must not be run
// prints "bad", what must be run "good"; so often.
var dataOfFailedCopy = map[string]struct {
	script string
	good   int
	psql   bool // psql does the same; in other cases it runs what is "bad"
}{
	"no relation": {"COPY gone (id, note) FROM stdin;\n1\thello\n2\t; \\echo bad\n3\t\\! echo bad\n\\.\n\\echo good\n", 1, true},
	"words": {`copy "gone".b."from" /* x */ from -- y
 stdin;
\echo bad
\.
COPY binary a.b.c FROM STDOUT;
\echo bad
\.
COPY gone (a, b) FROM stdin WITH (FORMAT csv);
\echo bad
\.
COPY gone TO stdin;
\echo good
COPY gone FROM 'stdin';
\echo good
SELECT 'copy gone from stdin';
\echo good
`, 3, true},
	"rest of the line":    {"SELECT 1; COPY gone FROM stdin; SELECT 2;\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"aborted transaction": {"BEGIN;\nSELECT 1/0;\nCOPY victim FROM stdin;\n\\echo bad\n\\.\n\\echo good\nROLLBACK;\n\\echo good\n", 2, true},
	"combined": {`COPY gone FROM stdin \; COPY victim FROM stdin;
\echo bad
\.
\echo bad
\.
COPY victim FROM stdin \; COPY gone FROM stdin;
x
\.
\echo bad
\.
\echo good
`, 1, true},
	"combined by g": {"COPY gone FROM stdin \\; COPY victim FROM stdin \\g\n\\echo bad\n\\.\n\\echo bad\n\\.\n\\echo good\n", 1, false},
	"g":             {"COPY gone FROM stdin \\g\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"bad g":         {"COPY victim FROM stdin \\g (nonsense)\n\\echo bad\n\\.\n\\echo good\n\\g\n\\echo good\n", 2, false},
	"gexec":         {"SELECT 'COPY gone FROM stdin' UNION ALL SELECT 'COPY gone FROM stdin' \\gexec\n\\echo bad\n\\.\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"gset":          {"COPY gone FROM stdin \\gset\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"parse":         {"COPY victim FROM stdin \\parse x\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"bind":          {"COPY gone FROM stdin \\bind \\g\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"variable":      {"\\set c 'COPY gone FROM stdin;'\n:c\n\\echo bad\n\\.\n\\echo good\n", 1, true},
	"copy command": {`\copy gone from stdin
\echo bad
\.
\copy gone from stdout csv
\echo bad
\.
\echo good
\copy gone from 'stdin'
\echo good
`, 2, true},
	"copy command that does not start": {"\\copy victim (a from stdin\n\\echo bad\n\\.\n\\echo good\n", 1, false},
	"restricted":                       {"\\restrict key\n\\copy victim from stdin\nSELECT 'ba' || 'd';\n\\.\nCOPY victim FROM stdin \\g\nSELECT 'ba' || 'd';\n\\.\n\\unrestrict key\n\\echo good\n", 1, false},
	"pipeline":                         {"\\startpipeline\nCOPY gone FROM stdin;\n\\echo bad\n\\.\n\\copy gone from stdin\n\\echo bad\n\\.\n\\endpipeline\n\\echo good\n", 1, false},
	"skipped branch": {`\if false
COPY victim FROM stdin;
\else
\echo bad
\.
\copy victim from stdin
\endif
\echo bad
\.
COPY victim FROM stdin \g
\endif
\echo bad
\.
SELECT 'ba' || 'd';
\else
\echo good
\endif
`, 1, false},
	"single-step mode": {"\\set SINGLESTEP on\nCOPY victim FROM stdin;\nx\n\\echo bad\n\\.\n\\set SINGLESTEP off\n\\echo good\n", 1, false},
	"no transaction":   {"\\set AUTOCOMMIT off\nSELECT 1/0;\nCOPY gone FROM stdin;\n\\echo bad\n\\.\n\\echo good\nROLLBACK;\n", 1, true},
	"savepoint":        {"\\set ON_ERROR_ROLLBACK on\nBEGIN;\nCOPY gone FROM stdin;\n\\echo bad\n\\.\n\\echo good\nCOMMIT;\n", 1, true},
	"no end":           {"\\echo good\nCOPY gone FROM stdin;\n\\echo bad\n", 1, true},
	"bad data":         {"COPY victim FROM stdin;\na\tb\n\\echo bad\n\\.\n\\echo good\n", 1, true},
}

// failedCopyRelations makes what the scripts are about.
const failedCopyRelations = "SET client_min_messages = warning; DROP TABLE IF EXISTS victim; CREATE TABLE victim (a text)"

// failedCopyWays are the ways in which a script is run, with FILE for its name.
var failedCopyWays = map[string][]string{
	"repl": {"repl", "-X"}, "repl -f": {"repl", "-X", "-f", "FILE"}, "include": {"repl", "-X", "-c", `\i FILE`}, "exec": {"exec", "--continue"},
	"exec -f": {"exec", "--continue", "-f", "FILE"}, "exec -p": {"exec", "--continue", "-p", "1"}, "one transaction": {"repl", "-X", "-1"},
}

// TestDataOfFailedCopy: data of a COPY that fails is never run, on the runtime and on the machine's own server (CVE-2026-6464).
func TestDataOfFailedCopy(t *testing.T) {
	t.Parallel()
	servers := map[string]backend{}
	if len(embeddedTools()) > 0 {
		servers["runtime"] = memoryBackend(t)
	}
	if native := native.get(t); native != nil {
		servers["native"] = backend{open: func(context.Context, clusterConfig) (cluster, error) {
			return sharedCluster{nativeCluster{native.socket}}, nil
		}}
	}
	if len(servers) == 0 {
		t.Skip("there is neither a runtime embedded nor a PostgreSQL on this machine")
	}
	for server, b := range servers {
		for name, c := range dataOfFailedCopy {
			file := filepath.Join(t.TempDir(), "script.sql")
			if err := os.WriteFile(file, []byte(c.script), 0o600); err != nil {
				t.Fatal(err)
			}
			for way, args := range failedCopyWays {
				t.Run(server+"/"+name+"/"+way, func(t *testing.T) {
					if made := runWith(b, "exec", "-q", failedCopyRelations); made.code != exitOK {
						t.Fatalf("%+v", made)
					}
					args := strings.Split(strings.ReplaceAll(strings.Join(args, "\x00"), "FILE", file), "\x00")
					got := runInput(b, args[0], c.script, args[1:]...)
					if strings.Contains(got.stdout, "bad") || strings.Count(got.stdout, "good") != c.good || strings.Contains(got.stderr, "syntax error") {
						t.Errorf("%+v", got)
					}
				})
			}
		}
	}
}

// TestDataOfFailedCopyLikePsql compares what is printed with the psql of the runtime.
func TestDataOfFailedCopyLikePsql(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	for name, c := range dataOfFailedCopy {
		if !c.psql {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var results [2]result
			for i, args := range [][]string{{"repl", "-X"}, {"tool", "psql", "-X"}} {
				if made := runWith(b, "exec", "-q", failedCopyRelations); made.code != exitOK {
					t.Fatalf("%+v", made)
				}
				results[i] = runInput(b, args[0], c.script, args[1:]...)
			}
			compare(t, results[0], results[1])
		})
	}
}

// TestEndOfCopyData: a line with only \. ends the data in a script; in a file, and in other spellings, the server decides.
func TestEndOfCopyData(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	const relation = "CREATE TEMPORARY TABLE ended (a text);\n"
	for name, script := range map[string]string{
		"csv":         relation + "COPY ended FROM stdin csv;\n1\n\\.\r\nTABLE ended;\n",
		"two returns": relation + "COPY ended FROM stdin csv;\n1\n\\.\r\r\n\\.\nTABLE ended;\n",
		"no line end": relation + "\\set QUIET off\nCOPY ended FROM stdin csv;\n1\n\\.",
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, runInput(b, "repl", script, "-X"), runInput(b, "tool", script, "psql", "-X"))
		})
	}
	file := filepath.Join(t.TempDir(), "data.csv")
	if err := os.WriteFile(file, []byte("1\n\\.\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]string{"csv": "COPY 3\n", "": "COPY 1\n"} {
		got := runInput(b, "repl", relation+"\\copy ended from '"+file+"' "+options+"\n", "-X")
		if got.stdout != "CREATE TABLE\n"+want {
			t.Errorf("%q: %+v", options, got)
		}
	}
}

// TestCopyFromCommandLine: COPY and \copy given with -c take standard input, as in psql.
func TestCopyFromCommandLine(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-c", `\copy given from stdin`, "-c", "TABLE given"}, "COPY 2\n1\n2\n"},
		{[]string{"-c", `\copy given from pstdin`, "-c", "TABLE given"}, "COPY 2\n1\n2\n"},
		{[]string{"-c", "COPY given FROM stdin", "-c", "TABLE given"}, "COPY 2\n1\n2\n"},
		{[]string{"-c", `\copy nowhere from stdin`, "-c", `\copy given from stdin`, "-c", "TABLE given"}, "COPY 1\n3\n"},
		{[]string{"-c", "SELECT 0; COPY given FROM stdin", "-c", "TABLE given"}, "0\nCOPY 2\n1\n2\n"},
	} {
		for _, command := range [][]string{{"exec", "--continue"}, {"repl", "-X"}} {
			if made := runWith(b, "exec", "-q", "SET client_min_messages = warning; DROP TABLE IF EXISTS given; CREATE TABLE given (a int)"); made.code != exitOK {
				t.Fatalf("%+v", made)
			}
			args := slices.Concat(command[1:], []string{"-A", "-t"}, c.args)
			if got := runInput(b, command[0], "1\n2\n\\.\n3\n", args...); got.stdout != c.want {
				t.Errorf("%s %q: %+v", command[0], c.args, got)
			}
		}
	}
}

// TestTerminalDataOfFailedCopy: data that would be typed is not waited for, data that comes with the statement is passed over.
func TestTerminalDataOfFailedCopy(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	editor := filepath.Join(home, "editor")
	text := "COPY gone FROM stdin;\n\\echo ba''d\n\\.\nCOPY edited FROM stdin;\nfirst\n\\.\nTABLE edited;\n"
	if err := os.WriteFile(filepath.Join(home, "text"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(editor, []byte("#!/bin/sh\ncp '"+home+"/text' \"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openTerminal(t, home)
	s.wait("postgres=# ")
	s.typed("\\setenv EDITOR '" + editor + "'\r")
	s.wait("postgres=# ")
	s.typed("CREATE TEMP TABLE edited(a text);\r")
	s.wait("postgres=# ")
	s.typed("COPY gone FROM stdin;\r")
	s.wait(`relation "gone" does not exist`)
	s.wait("postgres=# ")
	s.typed("\\e\r")
	s.wait(`relation "gone" does not exist`)
	s.wait("The lines up to the end of the data for COPY were passed over.")
	s.wait("COPY 1\r\n")
	s.wait(" first\r\n(1 row)")
	s.wait("postgres=# ")
	s.typed("\\q\r")
	s.left(exitOK)
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(s.screen.String(), "bad") {
		t.Error("data was run")
	}
}
