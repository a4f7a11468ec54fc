package catalog

import (
	"strings"
	"testing"
)

func TestParsePattern(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"abc": "abc", "ABC": "abc", `"ABC"`: "ABC", "a*b?": "a.*b.", "s.t": "s|t", `"s.t".u`: `s\.t|u`, `"a""b"`: `a"b`, "a$": `a\$`,
		"[a-c]+": "[a-c]+", "a[]": `a\[\]`, `"*"`: `\*`, "*.*": ".*|.*",
	} {
		if got := strings.Join(parsePattern(pattern, false), "|"); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
	}
	if got := parsePattern("+#+", true)[0]; got != `\+#\+` {
		t.Errorf("a literal pattern: %s", got)
	}
	m := matched{schema: "s", name: "n", visible: "v"}
	for _, pattern := range []string{"a.b.c.d", "other.b.c"} {
		if got, err := m.conditions(pattern, "here"); err == nil {
			t.Errorf("%s: got %v, want an error", pattern, got)
		}
	}
}
