package edit

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/chzyer/readline"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// screen keeps what is written.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// written returns how many bytes were written.
func (s *screen) written() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Len()
}

// typing returns an editor on a screen of 80 columns, into which the text is typed.
func typing(t *testing.T, typed string, o Options) (*Editor, *screen) {
	t.Helper()
	shown := &screen{}
	o.Keyboard, o.Screen = strings.NewReader(typed), shown
	e := New(o)
	e.configure = func(c *readline.Config) {
		nothing := func() error { return nil }
		c.FuncIsTerminal, c.FuncMakeRaw, c.FuncExitRaw = func() bool { return true }, nothing, nothing
		c.FuncGetWidth, c.FuncOnWidthChanged = func() int { return 80 }, func(func()) {}
	}
	t.Cleanup(func() { _ = e.Close() })
	return e, shown
}

// TestPasteIsWrittenOnce pastes lines of different lengths, in brackets and without: what is written for them grows like
// the line and not like its square.
func TestPasteIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for name, brackets := range map[string][2]string{"brackets": {pasteBegins, pasteEnds}, "none": {}} {
		for _, length := range []int{100, 8000, 24000} {
			line := "SELECT '" + strings.Repeat("é", length) + "';"
			e, shown := typing(t, brackets[0]+line+brackets[1]+"\r", Options{Colors: true})
			got, err := e.ReadLine("=> ")
			if err != nil || got != line {
				t.Fatalf("%s, %d: got %d bytes, error %v", name, length, len(got), err)
			}
			writes := length/2000 + 10 // what comes in at once has so many characters, and the line end writes the line too
			if most := writes * (len(line) + 1000); shown.written() > most {
				t.Errorf("%s, %d: %d bytes were written, want %d at most", name, length, shown.written(), most)
			}
		}
	}
}

// TestEditorKeys types keys around pasted text.
func TestEditorKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 50)
	complete := func(text string) ([]string, int) {
		word := text[strings.LastIndexByte(text, ' ')+1:]
		return map[string][]string{"on": {"e ", "ly "}, "se": {"lect "}}[word], len(word)
	}
	for name, c := range map[string]struct{ typed, want string }{
		"in the middle":        {"ac\x02" + pasteBegins + "b" + pasteEnds + "d\r", "abdc"},
		"twice":                {pasteBegins + "a" + pasteEnds + pasteBegins + "b" + pasteEnds + "\r", "ab"},
		"tabs":                 {"se\t" + pasteBegins + "\t1" + pasteEnds + "\r", "select \t1"},
		"controls stay text":   {pasteBegins + "a\x03\x1bb" + pasteEnds + "\r", "a\x03\x1bb"},
		"no NUL":               {pasteBegins + "a\x00b" + pasteEnds + "\r", "ab"},
		"over a list":          {"on\t" + pasteBegins + "es" + pasteEnds + "\r", "ones"},
		"at what is found":     {"\x12old" + pasteBegins + "er" + pasteEnds + "\r", "erold"},
		"long, after a search": {"\x12old" + long + "\r", "old" + long},
		"recalled":             {"\x10\r", "old"},
	} {
		e, _ := typing(t, c.typed, Options{Complete: complete, History: func() (string, int) { return "", -1 }})
		if err := e.open(); err != nil {
			t.Fatal(err)
		}
		e.Add("old")
		if got, err := e.ReadLine("=> "); err != nil || got != c.want {
			t.Errorf("%s: got %q, error %v, want %q", name, got, err, c.want)
		}
	}
}

// TestInterruptForgetsTheLine presses Ctrl-C in the states of the editor: what was typed is not part of the next line.
func TestInterruptForgetsTheLine(t *testing.T) {
	t.Parallel()
	complete := func(string) ([]string, int) { return []string{"e ", "ly "}, 2 }
	for name, typed := range map[string]string{"a line": "on", "a list": "on\t", "a choice in the list": "on\t\t\t"} {
		e, _ := typing(t, typed+"\x03next\r", Options{Complete: complete})
		if _, err := e.ReadLine("=> "); !errors.Is(err, lex.ErrInterrupt) {
			t.Fatalf("%s: error %v", name, err)
		}
		if got, err := e.ReadLine("=> "); err != nil || got != "next" {
			t.Errorf("%s: then got %q, error %v", name, got, err)
		}
		if _, err := e.ReadLine("=> "); !errors.Is(err, io.EOF) {
			t.Errorf("%s: at the end: error %v", name, err)
		}
	}
}

// TestSecretIsNotShown types and pastes a password.
func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"geheim\r", pasteBegins + "geheim" + pasteEnds + "\r", "x\x15geheim\r", "\x12geheim\r"} {
		e, shown := typing(t, typed, Options{Colors: true})
		got, err := e.ReadSecret("Password: ")
		if err != nil || got != "geheim" {
			t.Errorf("%q: got %q, error %v", typed, got, err)
		}
		if text := shown.text.String(); strings.Contains(text, "g") || strings.Contains(text, "heim") {
			t.Errorf("%q: it was shown: %q", typed, text)
		}
	}
}

// TestHistoryDirectory keeps the history in memory when its directory cannot be made, and says so at the end.
func TestHistoryDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state", "history")
	made := ""
	e := New(Options{MakeDir: func(dir string) error { made = dir; return os.ErrPermission }})
	if err := e.prepareHistory(file); !errors.Is(err, os.ErrPermission) || made != filepath.Dir(file) {
		t.Errorf("error %v, made %q", err, made)
	}
	if err := New(Options{}).prepareHistory(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, error %v", info, err)
	}
	for _, name := range []string{"", os.DevNull} {
		if err := e.prepareHistory(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := e.prepareHistory(t.TempDir()); err == nil {
		t.Error("a directory is taken for a history")
	}
}
