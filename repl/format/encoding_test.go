package format

import "testing"

func TestEncodingHides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		encoding, text string
		want           bool
	}{
		{"SJIS", "\x95\x5c", true},
		{"SJIS", "a\\'b", false},
		{"SJIS", "\xb1\x5c", false}, // a character of one byte, and a backslash
		{"BIG5", "\xa5\x5c", true},
		{"GBK", "\x81\x5c", true},
		{"GB18030", "\x81\x30\x81\x30", true},
		{"EUC_JP", "\xa4\xa2\\", false},
		{"LATIN1", "\xe9\\'", false},
		{"UTF8", "é\\'", false},
		{"SQL_ASCII", "\xe9\\", false},
		{"SJIS", "\x95", false},
	} {
		if got := EncodingOf(c.encoding).Hides(c.text); got != c.want {
			t.Errorf("%s, %q: got %v", c.encoding, c.text, got)
		}
	}
}

func FuzzEncodings(f *testing.F) {
	f.Add("SJIS", "\x95\x5c\x8e")
	f.Add("EUC_TW", "\x8e\xa1")
	f.Fuzz(func(t *testing.T, name, text string) {
		e := EncodingOf(name)
		e.Hides(text)
		for _, line := range e.showLines(text) {
			if piece, _ := e.cutWidth(line.text, 3); line.text != "" && piece == "" {
				t.Fatalf("%s: nothing of %q fits", name, line.text)
			}
		}
	})
}
