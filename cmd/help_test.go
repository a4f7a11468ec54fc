package cmd

import (
	"bytes"
	"strings"
	"testing"
)

// TestHelpIsAnArgument: a database, a file or a statement may be called help or h.
func TestHelpIsAnArgument(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"help", "h"} {
		for _, command := range []string{"init", "exec", "repl", "dump", "restore", "backup", "hexdump"} {
			var n noticing
			var out, errs bytes.Buffer
			s := Streams{In: strings.NewReader(""), Out: &out, Err: &errs}
			run([]string{"pglite", command, name}, s, n.backend())
			if len(n.got) != 1 || out.Len() > 0 {
				t.Errorf("%s %s asks for %d clusters, and prints %q, %q", command, name, len(n.got), out.String(), errs.String())
			}
		}
	}
}
