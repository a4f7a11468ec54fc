package edit

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPasteReader(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"SEL\t 1;\r": "SEL\t 1;\r",
		"\x1b[200~SELECT\n\t'a\tb';\x1b[201~\t\r":                        "SELECT\n<'a<b';\t\r",
		"\t\x1b[200~\t\x1b[201~\t\x1b[200~\t\t\x1b[201~":                 "\t<\t<<",
		"\x1b[A\x1b[20~\x1b":                                             "\x1b[A\x1b[20~\x1b",
		"\x1b[200~é\t日\x1b[20":                                           "é<日\x1b[20",
		"\x1b[200~" + strings.Repeat("\tx", 300) + "\x1b[201~" + "\x1bb": strings.Repeat("<x", 300) + "\x1bb",
	} {
		for _, size := range []int{1, 2, 3, 5, 64, len(typed)} {
			got := readAll(t, inPieces(typed, size))
			if text := strings.ReplaceAll(got, string(tabMark), "<"); text != want {
				t.Errorf("%d at a time, %q: got %q, want %q", size, typed, text, want)
			}
		}
	}
}

// readAll reads to the end, as readline does, and returns what was typed.
func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	p := &pasteReader{Reader: r}
	var got strings.Builder
	for b := make([]byte, 100); ; {
		n, err := p.Read(b)
		if errors.Is(err, io.EOF) {
			return got.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		key, _ := utf8.DecodeRune(b[:n])
		if text, ok := p.text(key); ok {
			got.WriteString(string(text))
		} else {
			got.Write(b[:n])
		}
	}
}

// inPieces returns a reader of so many bytes at a time, but of what begins pasted text as a whole: Escape alone is a
// key.
func inPieces(typed string, size int) io.Reader {
	var pieces []io.Reader
	for typed != "" {
		n := min(size, len(typed))
		if i := strings.Index(typed, pasteBegins); i == 0 {
			n = len(pasteBegins)
		} else if i > 0 {
			n = min(n, i)
		}
		pieces = append(pieces, strings.NewReader(typed[:n]))
		typed = typed[n:]
	}
	return io.MultiReader(pieces...)
}

// FuzzPasteReader checks that nothing but brackets is lost, however the bytes come in.
func FuzzPasteReader(f *testing.F) {
	f.Add([]byte("a\t\x1b[200~\tb\x1b[201~\tc"), uint8(3))
	f.Add([]byte("\x1b[200~\x1b[200~\x1b[201~\x1b"), uint8(1))
	f.Fuzz(func(t *testing.T, typed []byte, size uint8) {
		if !utf8.Valid(typed) || strings.ContainsFunc(string(typed), func(r rune) bool { return r == 0 || r == tabMark || isTextKey(r) }) {
			return
		}
		got := readAll(t, &pieces{typed, 1 + int(size)})
		plain := func(text string) string {
			return strings.NewReplacer(pasteBegins, "", pasteEnds, "", string(tabMark), "\t").Replace(text)
		}
		if size > 8 && plain(got) != plain(string(typed)) {
			t.Fatalf("%q became %q", typed, got)
		}
		if tabs := strings.Count(string(typed), "\t"); strings.Count(got, "\t")+strings.Count(got, string(tabMark)) != tabs {
			t.Fatalf("%q became %q", typed, got)
		}
	})
}

// pieces is a reader that returns so many bytes at most.
type pieces struct {
	data []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.size)], p.data)
	p.data = p.data[n:]
	return n, nil
}
