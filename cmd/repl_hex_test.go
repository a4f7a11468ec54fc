//go:build unix

package cmd

import (
	"strings"
	"testing"
)

// TestHexIsHexdump: \hex prints what hexdump does, and hides what that hides.
func TestHexIsHexdump(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	for _, sql := range []string{"SELECT 42;", "ALTER ROLE postgres PASSWORD 'geheim';", "nonsense;"} {
		dumped := runInput(production(), "hexdump", "", "-D", "memory:", sql)
		shown := runInput(production(), "repl", "\\hex on\n"+sql+"\n", "-D", "memory:", "-X", "-q")
		if !strings.HasPrefix(shown.stdout, `-> Query 'Q', `) || strings.Contains(shown.stdout, "geheim") {
			t.Errorf("%s: %+v", sql, shown)
		}
		if !strings.Contains(dumped.stdout, shown.stdout) {
			t.Errorf("%s: hexdump shows\n%s\n\\hex shows\n%s", sql, dumped.stdout, shown.stdout)
		}
	}
}
