package pgclient

import "testing"

// TestPrepared has what libpq makes of passwords (src/common/saslprep.c).
func TestPrepared(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"": "", "plain": "plain", "ü€😀": "ü€😀", "\ufb01": "fi", "\uff21": "A", "\u00aa": "a", "\u2168": "IX", "I\u00adX": "IX", "a\u200bb\ufe0f": "ab",
	} {
		if got := prepared(password); got != want {
			t.Errorf("%q became %q, want %q", password, got, want)
		}
	}
}
