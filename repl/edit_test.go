package repl

import (
	"testing"
)

// TestSourceLines numbers the lines of a function from its body, and those of a view from the first.
func TestSourceLines(t *testing.T) {
	t.Parallel()
	const source = "CREATE FUNCTION f()\n RETURNS int\nAS $$\nSELECT 1\n$$\n"
	if got := bodyStart(source); got != 2 {
		t.Errorf("the body starts after %d lines", got)
	}
	want := "        CREATE FUNCTION f()\n         RETURNS int\n1       AS $$\n2       SELECT 1\n3       $$\n"
	if got := numbered(source, true); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := numbered("CREATE VIEW v AS\n SELECT 1\n", false); got != "1       CREATE VIEW v AS\n2        SELECT 1\n" {
		t.Errorf("got\n%s", got)
	}
}
