package edit

import (
	"strings"
	"testing"
)

func TestHighlightKeepsText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"SELECT 'a' FROM t -- x", `\dt x`, "", "'open", "$$a$$ /* c", `"q" AND 1`, "日本 'é' selected"} {
		plain := highlight(text)
		for _, color := range []string{colorKeyword, colorString, colorComment, colorCommand, colorNone} {
			plain = strings.ReplaceAll(plain, color, "")
		}
		if plain != text {
			t.Errorf("%q became %q", text, plain)
		}
	}
	if got := highlight("select 1"); !strings.HasPrefix(got, colorKeyword) {
		t.Errorf("a keyword is not coloured: %q", got)
	}
}
