package edit

import (
	"io"
	"strings"
	"testing"
)

func TestPasteReader(t *testing.T) {
	for typed, want := range map[string]string{
		"SEL\t 1;\r": "SEL\t 1;\r",
		"\x1b[200~SELECT\n\t'a\tb';\x1b[201~\t\r":                        "SELECT\n<'a<b';\t\r",
		"\t\x1b[200~\t\x1b[201~\t\x1b[200~\t\t\x1b[201~":                 "\t<\t<<",
		"\x1b[A\x1b[20~\x1b":                                             "\x1b[A\x1b[20~\x1b",
		"\x1b[200~é\t日\x1b[20":                                           "é<日\x1b[20",
		"\x1b[200~" + strings.Repeat("\tx", 300) + "\x1b[201~" + "\x1bb": strings.Repeat("<x", 300) + "\x1bb",
	} {
		for _, size := range []int{1, 2, 3, 5, 64, len(typed)} {
			got, err := io.ReadAll(&pasteReader{Reader: inPieces(typed, size)})
			if text := strings.ReplaceAll(string(got), string(tabMark), "<"); err != nil || text != want {
				t.Errorf("%d at a time, %q: got %q, error %v, want %q", size, typed, text, err, want)
			}
		}
	}
}

// inPieces returns a reader of so many bytes at a time, but of what begins pasted text as a whole: Escape alone is a key.
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
		if strings.ContainsRune(string(typed), tabMark) {
			return
		}
		got, err := io.ReadAll(&pasteReader{Reader: &pieces{typed, 1 + int(size)}})
		if err != nil {
			t.Fatal(err)
		}
		plain := func(text string) string {
			return strings.NewReplacer(pasteBegins, "", pasteEnds, "", string(tabMark), "\t").Replace(text)
		}
		if size > 8 && plain(string(got)) != plain(string(typed)) {
			t.Fatalf("%q became %q", typed, got)
		}
		if tabs := strings.Count(string(typed), "\t"); strings.Count(string(got), "\t")+strings.Count(string(got), string(tabMark)) != tabs {
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
