package repl

import "testing"

// dialogues are scripts of backslash commands with what psql 18.6 prints for them.
var dialogues = map[string]dialogue{
	"branches": {
		script: `\if true
\echo one
\elif true
\echo two
\else
\echo three
\endif
\if false
\echo one
\elif yes
\echo two
\else
\echo three
\endif
\if off
\else
\echo other
\endif
`,
		stdout: `one
two
other
`,
	},
	"nested branches": {
		script: `\if false
\if true
\echo inner
\else
\echo inner
\endif
\nonsense
\else
\if 1
\echo outer
\endif
\endif
`,
		stdout: `outer
`,
		stderr: `invalid command \nonsense
`,
	},
	"wrong branches": {
		script: `\endif
\else
\elif true
\if nonsense
\echo no
\endif
\if
\endif
\if false
\else
\else
\elif true
\endif
`,
		stderr: `\endif: no matching \if
\else: no matching \if
\elif: no matching \if
unrecognized value "nonsense" for "\if expression": Boolean expected
unrecognized value "" for "\if expression": Boolean expected
\else: cannot occur after \else
\elif: cannot occur after \else
`,
	},
	"extra words": {
		script: `\if false
\else a b
\endif c
\if true
\else a
\if true
\else a
\endif b
\endif c
`,
		stderr: `\else: extra argument "a" ignored
\else: extra argument "b" ignored
\endif: extra argument "c" ignored
\endif: extra argument "c" ignored
`,
	},
	"branch not closed": {
		script: `\if true
\echo in
`,
		stdout: `in
`,
		stderr: `reached EOF without finding closing \endif(s)
`,
	},
	"extra words of branches": {
		script: `\if true
\else a b
\endif c
`,
		stderr: `\endif: extra argument "c" ignored
`,
	},
	"branch decides by variables": {
		script: `\set on yes
\if :on
\echo :on
\endif
\if :{?off}
\echo bad
\else
\echo unset
\endif
`,
		stdout: `yes
unset
`,
	},
	"variables": {
		script: `\set a 'it''s'
\set b :a x
\echo :a :'a' :"a" :b :{?a} :{?c} :c
\unset a
\echo :a
\unset
\set bad-name 1
`,
		stdout: `it's 'it''s' "it's" it'sx TRUE FALSE :c
:a
`,
		stderr: `\unset: missing required argument
invalid variable name: "bad-name"
`,
	},
	"special variables": {
		script: `\set AUTOCOMMIT nonsense
\set VERBOSITY terse
\echo :VERBOSITY
\unset VERBOSITY
\echo :VERBOSITY
\set FETCH_COUNT x
\set ECHO_HIDDEN y
\set ECHO_HIDDEN maybe
\set HISTCONTROL x
\set IGNOREEOF many
\echo :IGNOREEOF
\set QUIET
\echo :QUIET
`,
		stdout: `terse
default
10
on
`,
		stderr: `unrecognized value "nonsense" for "AUTOCOMMIT": Boolean expected
invalid value "x" for "FETCH_COUNT": integer expected
unrecognized value "maybe" for "ECHO_HIDDEN"
Available values are: on, off, noexec.
unrecognized value "x" for "HISTCONTROL"
Available values are: none, ignorespace, ignoredups, ignoreboth.
`,
	},
	"toggles": {
		script: `\a
\a
\H
\H
\x
\x
\x auto
\t
\t on
\t
\timing
\timing off
\timing maybe
`,
		stdout: `Output format is unaligned.
Output format is aligned.
Output format is html.
Output format is aligned.
Expanded display is on.
Expanded display is off.
Expanded display is used automatically.
Tuples only is on.
Tuples only is off.
Timing is on.
Timing is off.
Timing is off.
`,
		stderr: `unrecognized value "maybe" for "\timing": Boolean expected
`,
	},
	"look": {
		script: `\C title
\C
\f
\f ,
\T width=1
\T
\pset null ∅
\pset null
\pset border 2
\pset border
\pset format csv
\pset linestyle x
\pset nothing
`,
		stdout: `Title is "title".
Title is unset.
Field separator is "|".
Field separator is ",".
Table attributes are "width=1".
Table attributes unset.
Null display is "∅".
Null display is "∅".
Border style is 2.
Border style is 2.
Output format is csv.
`,
		stderr: `\pset: allowed line styles are ascii, old-ascii, unicode
\pset: unknown option: nothing
`,
	},
	"unaligned and html": {
		script: `\a
SELECT 'x' AS a;
\H
SELECT 'x' AS a;
`,
		replies: map[string]reply{
			"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}},
		},
		stdout: `Output format is unaligned.
a
x
(1 row)
Output format is html.
<table border="1">
  <tr>
    <th align="center">a</th>
  </tr>
  <tr valign="top">
    <td align="left">x</td>
  </tr>
</table>
<p>(1 row)<br />
</p>
`,
	},
	"print and write": {
		script: `SELECT 1
\p
\r
\p
SELECT 2
\w
\r
`,
		stdout: `SELECT 1
Query buffer reset (cleared).
Query buffer is empty.
Query buffer reset (cleared).
`,
		stderr: `\w: missing required argument
`,
	},
	"print the one before": {
		script: `SELECT 'x' AS a;
\p
\g
`,
		replies: map[string]reply{
			"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}},
		},
		stdout: " a \n---\n x\n(1 row)\n\nSELECT 'x' AS a;\n a \n---\n x\n(1 row)\n\n",
	},
	"echo": {
		script: `\echo a  'b  c' "d  e"
\echo -n x
\echo
\qecho q
\warn w
\warn -n v
\warn
`,
		stdout: `a b  c "d  e"
x
q
`,
		stderr: `w
v
`,
	},
	"quit": {
		script: `\echo a
\q
\echo b
`,
		stdout: `a
`,
	},
	"go": {
		script: `SELECT 'x' AS a\g
SELECT 'x' AS a\gx
SELECT 'x' AS a \g (format=csv)
SELECT 'x' AS a \g (nothing=1)
SELECT 'x' AS a \g (format=csv
\r
`,
		replies: map[string]reply{
			"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}},
		},
		stdout: " a \n---\n x\n(1 row)\n\n-[ RECORD 1 ]\na | x\n\na\nx\nQuery buffer reset (cleared).\n",
		stderr: `\pset: unknown option: nothing
\g: missing right parenthesis
`,
	},
	"rows to variables": {
		script: `SELECT 'x' AS a, 'y' AS b \gset p_
\echo :p_a :p_b
SELECT 'x' AS a WHERE false \gset
SELECT 'x' AS "PROMPT1" \gset
SELECT NULL AS p_a \gset
\echo :p_a
`,
		replies: map[string]reply{
			"SELECT 'x' AS a, 'y' AS b":   {columns: []string{"a", "b"}, rows: [][]string{{"x", "y"}}},
			"SELECT 'x' AS a WHERE false": {columns: []string{"a"}},
			`SELECT 'x' AS "PROMPT1"`:     {columns: []string{"PROMPT1"}, rows: [][]string{{"x"}}},
			"SELECT NULL AS p_a":          {columns: []string{"p_a"}, rows: [][]string{{null}}},
		},
		stdout: `x y
:p_a
`,
		stderr: `no rows returned for \gset
attempt to \gset into specially treated variable "PROMPT1" ignored
`,
	},
	"several rows to variables": {
		script: `SELECT 'x' AS a UNION ALL SELECT 'y' \gset
`,
		replies: map[string]reply{
			"SELECT 'x' AS a UNION ALL SELECT 'y'": {columns: []string{"a"}, rows: [][]string{{"x"}, {"y"}}},
		},
		stderr: `more than one row returned for \gset
`,
	},
	"results as statements": {
		script: `SELECT 'SELECT 2 AS b', NULL \gexec
\set ECHO all
SELECT 'SELECT 2 AS b', NULL \gexec
`,
		replies: map[string]reply{
			"SELECT 'SELECT 2 AS b', NULL": {columns: []string{"?column?", "?column?"}, rows: [][]string{{"SELECT 2 AS b", null}}},
			"SELECT 2 AS b":                {columns: []string{"b"}, rows: [][]string{{"2"}}},
		},
		stdout: " b \n---\n 2\n(1 row)\n\nSELECT 'SELECT 2 AS b', NULL \\gexec\nSELECT 2 AS b\n b \n---\n 2\n(1 row)\n\n",
	},
	"crosstab": {
		script: `SELECT 'r' AS v, 'c' AS h, 'd' AS d \crosstabview
SELECT 'r' AS v, 'c' AS h, 'd' AS d \crosstabview h v d
SELECT 'r' AS v, 'c' AS h, 'd' AS d \crosstabview v v
SELECT 'r' AS v, 'c' AS h, 'd' AS d \crosstabview 9
`,
		replies: map[string]reply{
			"SELECT 'r' AS v, 'c' AS h, 'd' AS d": {columns: []string{"v", "h", "d"}, rows: [][]string{{"r", "c", "d"}}},
		},
		stdout: " v | c \n---+---\n r | d\n(1 row)\n\n h | r \n---+---\n c | d\n(1 row)\n\n",
		stderr: `\crosstabview: vertical and horizontal headers must be different columns
\crosstabview: column number 9 is out of range 1..3
`,
	},
	"no rows in a crosstab": {
		script: `SELECT 'r' AS v, 'c' AS h, 'd' AS d WHERE false \crosstabview
`,
		replies: map[string]reply{
			"SELECT 'r' AS v, 'c' AS h, 'd' AS d WHERE false": {columns: []string{"v", "h", "d"}},
		},
		stdout: " v \n---\n(0 rows)\n\n",
	},
	"echoes": {
		script: `\set ECHO queries
SELECT 'x' AS a;
\set ECHO all
SELECT 'x' AS a;
\echo z
`,
		replies: map[string]reply{
			"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}},
		},
		stdout: "SELECT 'x' AS a;\n a \n---\n x\n(1 row)\n\nSELECT 'x' AS a;\n a \n---\n x\n(1 row)\n\n\\echo z\nz\n",
	},
	"transactions": {
		script: `BEGIN;
SELECT 'x' AS a;
COMMIT;
\set AUTOCOMMIT off
SELECT 'x' AS a;
ROLLBACK;
`,
		replies: map[string]reply{
			"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}},
		},
		stdout: "BEGIN\n a \n---\n x\n(1 row)\n\nCOMMIT\n a \n---\n x\n(1 row)\n\nROLLBACK\n",
	},
	"only the last result": {
		script: `\set SHOW_ALL_RESULTS off
SELECT 'x' AS a;
`,
		replies: map[string]reply{
			"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}},
		},
		stdout: " a \n---\n x\n(1 row)\n\n",
	},
	"restricted": {
		script: "\\restrict key\n\\echo no\n\\! touch no\n\\if true\n\\restrict other\n\\unrestrict wrong\n\\unrestrict `echo key`\n\\unrestrict key\n\\echo yes\n\\unrestrict key\n\\restrict\n",
		stdout: `yes
`,
		stderr: `backslash commands are restricted; only \unrestrict is allowed
backslash commands are restricted; only \unrestrict is allowed
backslash commands are restricted; only \unrestrict is allowed
backslash commands are restricted; only \unrestrict is allowed
\unrestrict: wrong key
\unrestrict: wrong key
\unrestrict: not currently in restricted mode
\restrict: missing required argument
`,
	},
	"extra arguments": {
		script: `\a x
\x on off
\r y
\unset a b
`,
		stdout: `Output format is unaligned.
Expanded display is on.
Query buffer reset (cleared).
`,
		stderr: `\a: extra argument "x" ignored
\x: extra argument "off" ignored
\r: extra argument "y" ignored
\unset: extra argument "b" ignored
`,
	},
	"unknown commands": {
		script: `\nonsense
\dq
\Q
\echo after
`,
		stdout: `after
`,
		stderr: `invalid command \nonsense
invalid command \dq
invalid command \Q
`,
	},
	"rest of the line": {
		script: `\unset \\ \echo no
\echo yes \\ \echo too
\nonsense \echo no
\echo next
`,
		stdout: `yes
too
next
`,
		stderr: `\unset: missing required argument
invalid command \nonsense
`,
	},
	"arguments": {
		script: `\echo 'a\tb' 'c\x41' 'd\101' 'e\\' 'f''g'
\echo done
`,
		stdout: "a\tb cA dA e\\ f'g\ndone\n",
	},
	"missing arguments": {
		script: `\i
\ir
\w
\prompt
\getenv
\getenv a
\setenv
\setenv a=b c
\bind_named
\parse
\close_prepared
\lo_import
\lo_export
\lo_export 1
\lo_unlink
\copy
\copy t
\copy t from
\copy t from program x
`,
		stderr: `\i: missing required argument
\ir: missing required argument
\w: missing required argument
\prompt: missing required argument
\getenv: missing required argument
\getenv: missing required argument
\setenv: missing required argument
\setenv: environment variable name must not contain "="
\bind_named: missing required argument
\parse: missing required argument
\close_prepared: missing required argument
\lo_import: missing required argument
\lo_export: missing required argument
\lo_export: missing required argument
\lo_unlink: missing required argument
\copy: arguments required
\copy: parse error at end of line
\copy: parse error at end of line
\copy: parse error at "x"
`,
	},
	"missing files": {
		script: `\i nowhere.sql
\ir nowhere.sql
\copy t from nowhere.txt
\o nowhere/x
\w nowhere/x
\cd nowhere
\lo_import nowhere.bin
`,
		stderr: `nowhere.sql: No such file or directory
nowhere.sql: No such file or directory
nowhere.txt: No such file or directory
nowhere/x: No such file or directory
nowhere/x: No such file or directory
\cd: could not change directory to "nowhere": No such file or directory
could not open file "nowhere.bin": No such file or directory
`,
	},
	"watching": {
		script: `SELECT 'x' AS a \watch c=0
\r
SELECT 'x' AS a \watch 1 i=2
\r
\watch
SELECT 'x' AS a \watch y=1
`,
		stdout: `Query buffer reset (cleared).
Query buffer reset (cleared).
`,
		stderr: `\watch: incorrect iteration count "0"
\watch: interval value is specified more than once
\watch cannot be used with an empty query
\watch: unrecognized parameter "y=1"
`,
	},
	"pipelines that are not begun": {
		script: `\endpipeline
\sendpipeline
`,
		stderr: `cannot send pipeline when not in pipeline mode
\sendpipeline not allowed outside of pipeline mode
`,
	},
	"not in pipelines": {
		script: `\startpipeline
SELECT 1 \g
SELECT 1 \gx
\gset
\gexec
\getresults
\echo :PIPELINE_COMMAND_COUNT
`,
		stdout: `0
`,
		stderr: `\g not allowed in pipeline mode
\gx not allowed in pipeline mode
\gset not allowed in pipeline mode
\gexec not allowed in pipeline mode
No pending results to get
`,
	},
	"line numbers of errors in options": {
		script: `\errverbose
\h nonsense
`,
		stdout: `There is no previous error.
No help available for "nonsense".
Try \h with no arguments to see available help.
`,
	},
}

// TestDialogues runs scripts against a server that knows the replies to their queries.
func TestDialogues(t *testing.T) {
	t.Parallel()
	for name, d := range dialogues {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d.run(t, nil)
		})
	}
}
