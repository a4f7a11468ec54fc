package repl

import (
	"bytes"
	"strings"
	"testing"
)

// TestLog keeps what was asked and what was printed.
func TestLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	dialogue{
		script: "SELECT 'x' AS a;\n", replies: map[string]reply{"SELECT 'x' AS a": {columns: []string{"a"}, rows: [][]string{{"x"}}}},
		stdout: " a \n---\n x\n(1 row)\n\n",
	}.run(t, func(s *Session) { s.Log = &log })
	if text := log.String(); !strings.Contains(text, "SELECT 'x' AS a;") || !strings.Contains(text, "(1 row)") {
		t.Errorf("the log holds %q", text)
	}
}
