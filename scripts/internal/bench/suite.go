package main

import (
	"fmt"
	"strings"
)

// statement is a piece of the suite; all run the same text.
type statement struct{ Name, SQL string }

var suite = []statement{
	{"create", "DROP TABLE IF EXISTS t; CREATE TABLE t(id int PRIMARY KEY, n int, s text)"},
	{"25,000 inserts, one statement", "INSERT INTO t SELECT g, (g * 7919) % 10007, 'number ' || g FROM generate_series(1, 25000) g"},
	{"index", "CREATE INDEX ON t(n)"},
	{"indexed selects", "DO $$ DECLARE x int; BEGIN FOR i IN 1..5000 LOOP SELECT count(*) INTO x FROM t WHERE n = i; END LOOP; END $$"},
	{"indexed updates", "DO $$ BEGIN FOR i IN 1..5000 LOOP UPDATE t SET s = s || 'x' WHERE id = i; END LOOP; END $$"},
	{"scan", "SELECT count(*), sum(n) FROM t WHERE s LIKE '%9%'"},
	{"sort", "SELECT count(*) FROM (SELECT s FROM t ORDER BY s OFFSET 1) x"},
	{"aggregate", "SELECT count(*) FROM (SELECT n % 100 k, count(*), max(s) FROM t GROUP BY 1) x"},
	{"join", "SELECT count(*) FROM t a JOIN t b ON a.n = b.id"},
	{"expressions", "SELECT sum(sqrt(g) * ln(g)) FROM generate_series(1, 300000) g"},
	{"PL/pgSQL loop", "DO $$ DECLARE x int := 0; BEGIN FOR i IN 1..300000 LOOP x := (x * 31 + i) % 10007; END LOOP; END $$"},
	{"JSON", "SELECT count(*) FROM (SELECT jsonb_build_object('id', id, 'tags', jsonb_build_array(n, s)) j FROM t) x WHERE j @> '{\"tags\": [42]}'"},
	{"full text", "SELECT count(*) FROM t WHERE to_tsvector('english', 'the ' || s || ' runs over lazy dogs') @@ to_tsquery('english', 'number & dog')"},
	{"delete", "DELETE FROM t WHERE id % 2 = 0"},
}

// singles is how many statements the script has.
const singles = 20_000

// scriptText is what people's scripts are: one short statement after the other, each a transaction of its own.
func scriptText() string {
	var b strings.Builder
	b.WriteString("DROP TABLE IF EXISTS s;\nCREATE TABLE s(id int PRIMARY KEY, n int, note text);\n")
	for i := range singles {
		switch id := i / 4; i % 4 {
		case 0:
			fmt.Fprintf(&b, "INSERT INTO s VALUES (%d, %d, 'note number %d');\n", id, id*7919%10007, id)
		case 1:
			fmt.Fprintf(&b, "SELECT n, note FROM s WHERE id = %d;\n", id)
		case 2:
			fmt.Fprintf(&b, "UPDATE s SET n = n + 1, note = note || '.' WHERE id = %d;\n", id)
		default:
			fmt.Fprintf(&b, "SELECT count(*) FROM s WHERE id BETWEEN %d AND %d;\n", id-10, id)
		}
	}
	return b.String()
}
