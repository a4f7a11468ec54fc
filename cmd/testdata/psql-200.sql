-- Meta-commands of psql, one a line, for TestPsqlMetaCommands, which runs them after testdata/describe/objects.sql. Lines between
-- "-- since N: why" and "-- end" are only for a native psql of major version N or later: 18, or what has been tried beside it, 15.

-- what a cluster holds
\d v
\d ul
\d sq
\d "Quoted ""Name"
\d comp
\d nosuch
\dn
\dn s*
\df add
\df add int int
\dfa
\dfp
\dft
\df nosuch.*
\da mysum
\da nosuch
\dT
\dT mood
\dT+ mood
\dC mood
\dC text
\dc utf8_to_iso*
\do + int4
\do pg_catalog.||
\db
\db+ pg_default
\dF
\dF tsc
\dF+ tsc
\dFd simple
\dFd+ simple
\dFp
\dFp+ default
\dFt simple
\dFt+ simple
\dL
\dL plpgsql
\dA
\dA btree
\dA+ hash
\dAc btree int4
\dAc+ hash text
\dAf hash int4
\dAo brin int4
\dAp hash int4
\dX
\dX st1
\dy
\dy et
\drds
\drds bob
\ddp
\des
\des srv
\des+ srv
\deu
\deu+
\det
\det+ ft
\dew
\dconfig work_mem
\dconfig+ enable_seq*
\dconfig nosuch*
\dRs
\dl
\lo_list
\sv v
\sv+ v
\sf add
\sf+ add
\sf trg
\sf pg_catalog.nosuch
\sf nosuch_function
\dd
\dd pr
\z nosuch
-- since 18: the columns of roles and databases are others, and psql 15 asks for a column that the catalog has no more
\du
\du+
\du bob
\dg grp
\drg
\l
\l+ template1
\l nosuch
-- end
\dp
\dp parent
\z
\dconfig+ *null*
\dp+ parent
-- since 18: \z takes S; the headings say tables and indexes, no longer relations; functions show leakproof; extensions their default version;
-- tables their not-null constraints; collations and domains have other columns
\dv
\dv v*
\dm
\ds
\dE
\dt nosuch
\dD
\dD posint
\dO collc
\dO+ collc
\dAo+ hash int4
\dRp nosuch
\dlx
\d
\d+
\d parent
\d+ parent
\d s2.child
\d+ s2.child
\d pt
\d+ pt
\d pt1
\d+ ptp
\d inh
\d def
\d excl
\d ft
\d+ ft
\d vg
\d+ vg
\d parent_pkey
\d+ v
\d+ vr
\d+ mv
\dt
\dt+
\dt s2.*
\dtS pg_am
\dti
\di
\di+ child*
\dv+
\dm+
\ds+
\dP
\dPt
\dPi+
\dn+
\df+ add
\da+ mysum
\dD+
\dC+ mood
\do+ || text text
\dL+
\dx
\dx+ postgres_fdw
\dew+
\dX+
\dy+
\dRp
\dRp+ pub1
\dRs+
\zS pg_class
\dconfig+ work_mem
-- end

-- variables
-- since 18: it lists all variables, of which there are more
\set
-- end
\set a 1
\set b 'two words'
\set c :a :b
\set d 'it''s'
\echo :a :b :'b' :"b" :c :'d'
\echo :{?a} :{?nosuch}
\unset a
\echo :a
\set ON_ERROR_STOP maybe
\set VERBOSITY terse
SELECT 1/0;
\errverbose
\set VERBOSITY sqlstate
SELECT 1/0;
\set VERBOSITY default
\set SHOW_CONTEXT always
\set ECHO queries
SELECT 'echoed' AS q;
\set ECHO none
\set ECHO_HIDDEN noexec
-- since 18: the query shown is the version's
\dn
-- end
\set ECHO_HIDDEN off
\set QUIET on
CREATE TEMP TABLE quiet(a int);
\set QUIET off
\set FETCH_COUNT 2
SELECT i FROM generate_series(1, 5) i;
\unset FETCH_COUNT
\set SINGLELINE on
\unset SINGLELINE
\set AUTOCOMMIT off
SELECT 'in a transaction' AS t;
\echo :AUTOCOMMIT
ROLLBACK;
\set AUTOCOMMIT on
\set ON_ERROR_ROLLBACK on
BEGIN; SELECT nonsense;
SELECT 'goes on' AS t; COMMIT;
\set ON_ERROR_ROLLBACK off
\set HIDE_TABLEAM on
\set HIDE_TOAST_COMPRESSION on
\echo :LAST_ERROR_SQLSTATE :ROW_COUNT :SQLSTATE :ERROR
\echo :DBNAME :USER :ENCODING :LASTOID
\setenv PGLITE_TRY value
\getenv e PGLITE_TRY
\echo :e
\setenv PGLITE_TRY
\getenv f PGLITE_NOSUCH
\echo :{?f}
\prompt 'name: ' typed
\echo :typed

-- results
SELECT 1 AS x, 'y' AS y \gset
\echo :x :y
SELECT 1 AS x, 'z' AS z \gset pre_
\echo :pre_x :pre_z
SELECT 1 AS x WHERE false \gset
SELECT 1 AS x UNION SELECT 2 \gset
SELECT 'SELECT ' || i || ' AS made' FROM generate_series(1, 3) i \gexec
SELECT 'SELECT 1/0', 'SELECT 2 AS after' \gexec
SELECT 'r' || (i % 2), 'c' || (i % 3), i FROM generate_series(1, 6) i \crosstabview
SELECT 'r' || (i % 2) AS r, 'c' || (i % 3) AS c, i AS v FROM generate_series(1, 6) i \crosstabview c r v
SELECT 'r' AS r, 'c' || i AS c, i AS v, -i AS s FROM generate_series(1, 3) i \crosstabview r c v s
SELECT 1 AS a, 2 AS b \crosstabview
SELECT 1 AS a, 'x' AS b \gx
SELECT 1 AS a, 'x' AS b \g (format=csv)
SELECT 1 AS a, 'x' AS b \g (format=unaligned tuples_only=on)
SELECT 1 AS a, NULL AS b \gx (null=nothing)
SELECT 1 AS a, 'x' AS b, now() AS c \gdesc
SELECT \gdesc
SELECT 1 AS a \; SELECT 2 AS b \g
SELECT 'to a file' AS a \g out.txt
\i out.txt
\o out.txt
SELECT 'in the file' AS a;
\qecho this too
\o
SELECT 1
\p
\r
\p
\w buffer.sql
SELECT 'written' AS w
\w buffer.sql
\r
\i buffer.sql
;
\ir buffer.sql
\g
\include nosuch.sql
\include_relative nosuch.sql
-- since 18: \bind is of later than 15
SELECT $1 AS a, $2::int + 1 AS b \bind one 2 \g
SELECT $1 AS a \bind 'two words' \gx
SELECT $1::int AS a \bind nonsense \g
\bind 1
SELECT 1 AS bound \g
-- end
-- since 18: statements with a name, and pipelines, are of later than 15
SELECT $1::int + $2::int AS sum \parse st
\bind_named st 1 2 \g
\bind_named st 3 4 \gx
\close_prepared st
\bind_named st 1 2 \g
\startpipeline
SELECT $1 AS p \bind one \sendpipeline
SELECT $1 AS p \bind two \sendpipeline
\flushrequest
\getresults 1
\syncpipeline
\endpipeline
\echo :PIPELINE_SYNC_COUNT :PIPELINE_COMMAND_COUNT :PIPELINE_RESULT_COUNT
-- end

-- how results look
-- since 18: it lists all options, of which there are more
\pset
-- end
\pset border 2
SELECT 1 AS a, 'x' AS b;
\pset border 0
SELECT 1 AS a, 'x' AS b;
\pset border 1
\pset null '(null)'
SELECT NULL AS n;
\pset null
\pset format unaligned
SELECT 1 AS a, 'x' AS b;
\pset fieldsep ' ; '
\pset recordsep ' / '
SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y';
\pset fieldsep_zero
\pset fieldsep |
\pset recordsep_zero
\pset recordsep '\n'
\pset format csv
SELECT 1 AS a, 'x,y' AS b;
\pset csv_fieldsep ;
SELECT 1 AS a, 'x;y' AS b;
\pset csv_fieldsep ''
\pset csv_fieldsep ','
\pset format html
SELECT 1 AS a, '<x>' AS b;
\pset tableattr 'class="c"'
\T 'class="d"'
SELECT 1 AS a;
\pset tableattr
\pset format asciidoc
SELECT 1 AS a, 'x|y' AS b;
\pset format latex
SELECT 1 AS a, 'x_y' AS b;
\pset format latex-longtable
SELECT 1 AS a, 'x_y' AS b;
\pset format troff-ms
SELECT 1 AS a, 'x' AS b;
\pset format wrapped
\pset columns 30
SELECT repeat('word ', 12) AS a, 'x' AS b;
\pset columns 0
\pset format nonsense
\pset format aligned
\pset linestyle unicode
SELECT 1 AS a, E'x\ny' AS b;
\pset unicode_border_linestyle double
\pset unicode_column_linestyle double
\pset unicode_header_linestyle double
\pset border 2
SELECT 1 AS a, E'x\ny' AS b;
\pset linestyle old-ascii
SELECT 1 AS a, E'x\ny' AS b;
\pset linestyle ascii
\pset border 1
\pset expanded on
SELECT 1 AS a, 'x' AS b WHERE true;
\pset expanded auto
SELECT 1 AS a, 'x' AS b;
\pset expanded off
\x
\x off
\x auto
\x off
\t
SELECT 1 AS a;
\t off
\a
SELECT 1 AS a;
\a
\f ;
\f
\H
\H
\C 'a title'
SELECT 1 AS a;
\C
\pset title 'another'
\pset title
\pset footer off
SELECT 1 AS a;
\pset footer on
\pset numericlocale on
SELECT 1234567.89 AS n;
\pset numericlocale off
\pset tuples_only on
\pset tuples_only
\pset pager off
\pset pager_min_lines 5
\pset nonsense
\pset border nonsense
\encoding
\encoding LATIN1
\encoding UTF8
\encoding nonsense
-- since 18: the width of expanded headers can be told
\pset xheader_width column
\pset xheader_width 20
\pset xheader_width page
\pset xheader_width full
-- end

-- conditions
\if true
\echo yes
\else
\echo no
\endif
\if false
\echo no
\elif 1
\echo elif
\endif
\if :{?x}
\if no
\echo no
\else
\echo inner
\endif
\endif
\if nonsense
\echo no
\endif
\else
\endif
\elif
SELECT count(*) > 0 AS found FROM parent \gset
\if :found
\echo rows
\else
\echo no rows
\endif

-- copying, large objects, sessions
CREATE TEMP TABLE copied(a int, b text);
INSERT INTO copied SELECT i, 'row ' || i FROM generate_series(1, 4) i;
\copy copied TO 'copied.csv' (FORMAT csv, HEADER)
\copy copied FROM 'copied.csv' (FORMAT csv, HEADER)
\copy (SELECT count(*) FROM copied) TO STDOUT
\copy copied(a) TO STDOUT WITH (DELIMITER ',')
\copy copied TO PSTDOUT
\copy copied FROM nosuch.csv
\copy nosuch TO STDOUT
\copy
\lo_import copied.csv 'a comment'
SELECT loid IS NOT NULL AS imported FROM pg_largeobject WHERE loid = :LASTOID;
\lo_export :LASTOID exported.csv
\lo_unlink :LASTOID
\lo_unlink 1
\lo_list+
\c
\c - bob
\c postgres postgres
\cd .
\timing off
\timing nonsense
\echo -n no newline
\echo
\echo a 'b  c' "d"
\warn to standard error
\qecho to the output
\set PROMPT1 '%n> '
-- since 18: more variables
\? variables
-- end
\h nonsense
-- since 18: help names the manual of its version
\h SELECT nonsense
\h CREATE CAST
\help ABORT
-- end
-- since 18: it names the year
\copyright
-- end
\e nosuch/file 1 2
\nonsense
-- since 18: an unknown one is told so
\d+nonsense
-- end
-- since 18: the interval of older ones is whatever it is told
\watch 0 x
-- end
\gdesc
\;
\q
\echo not reached
