package main

const selectName = "SELECT 1, in process"

// statement is a piece of the suite; both sides run the same text.
type statement struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
}

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
	{"delete", "DELETE FROM t WHERE id % 2 = 0"},
}
