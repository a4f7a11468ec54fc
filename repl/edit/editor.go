package edit

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/chzyer/readline"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// lineMark stands for a line end in the editor, which holds one line: a statement of several lines is recalled whole.
// It is one of the noncharacters that Unicode keeps for a program's own use, so that no text has it.
const lineMark = '\uFDD0'

// Options say how lines are edited.
type Options struct {
	// History returns the file that keeps the statements and how many it keeps, when the first line is read: after the
	// start files, which may say so. "" or 0 keep none, a negative number keeps all. The file is made with its directory
	// when it is missing.
	History func() (file string, size int)
	// MakeDir makes the directory of the history. Nil makes it for the user alone.
	MakeDir func(dir string) error
	// Complete returns how the word before the end of the text may go on, and how many characters of it are typed.
	Complete func(text string) (endings []string, typed int)
	// Colors says that the text may be coloured.
	Colors bool
	// Screen is written to. Nil writes to standard output.
	Screen io.Writer
	// Keyboard is what is read, when the terminal can tell pasted text from keys. Nil reads standard input, and Tab in
	// pasted text completes.
	Keyboard io.Reader
}

// Editor edits lines on a terminal, with history and completion. It is not safe for concurrent use.
type Editor struct {
	o      Options
	rl     *readline.Instance
	reader *pasteReader // of the keyboard, nil when readline reads it itself
	all    []string
	lost   error       // why the history is not in its file
	secret atomic.Bool // what is typed is not shown; readline's own goroutine paints and completes
	plain  atomic.Bool // Tab is typed too, and completes nothing

	configure func(*readline.Config) // for tests, which have no terminal
}

// New returns an editor on the terminal of the program. Close it to leave the terminal as it was.
func New(o Options) *Editor {
	if o.Screen == nil {
		o.Screen = readline.Stdout
	}
	if o.MakeDir == nil {
		o.MakeDir = func(dir string) error { return os.MkdirAll(dir, 0o700) }
	}
	return &Editor{o: o}
}

// open begins to edit, once.
func (e *Editor) open() error {
	if e.rl != nil {
		return nil
	}
	file, size := "", 0
	if e.o.History != nil {
		file, size = e.o.History()
	}
	switch {
	case size < 0 || size == math.MaxInt32:
		size = math.MaxInt32
	case size == 0:
		file, size = "", -1 // readline takes a negative number for none
	default:
		size++ // readline counts the line being typed too
	}
	if err := e.prepareHistory(file); err != nil {
		e.notSaved(file, err)
		file = "" // what is typed can be recalled until the end
	} else if file == os.DevNull {
		file = ""
	}
	config := &readline.Config{
		FuncFilterInputRune: keys{e}.filter, Listener: keys{e},
		HistoryFile: file, HistoryLimit: size, DisableAutoSaveHistory: true, HistorySearchFold: true,
		AutoComplete: completer{e.o.Complete, &e.secret, &e.plain}, Painter: painter{e.o.Colors, &e.secret}, InterruptPrompt: "^C", EOFPrompt: `\q`,
	}
	config.Stdout = e.o.Screen
	if e.o.Keyboard != nil {
		e.reader = &pasteReader{Reader: e.o.Keyboard}
		config.Stdin = readline.NewCancelableStdin(e.reader)
	}
	if e.configure != nil {
		e.configure(config)
	}
	rl, err := readline.NewEx(config)
	if err != nil {
		return err
	}
	e.rl = rl
	if text, err := os.ReadFile(file); err == nil {
		for line := range strings.Lines(string(text)) {
			e.all = append(e.all, unmark(strings.TrimRight(line, "\n")))
		}
	}
	return nil
}

// prepareHistory makes the file, for its owner alone: statements may hold secrets.
func (e *Editor) prepareHistory(name string) error {
	if name == "" || name == os.DevNull {
		return nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // a device may have no end
		return errors.New("it is not a regular file")
	}
	if err := e.o.MakeDir(filepath.Dir(name)); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// ReadLine reads a line, or several when they were recalled from the history.
func (e *Editor) ReadLine(prompt string) (string, error) {
	if err := e.open(); err != nil {
		return "", err
	}
	if i := strings.LastIndexByte(prompt, '\n'); i >= 0 {
		_, _ = io.WriteString(e.rl.Stdout(), prompt[:i+1])
		prompt = prompt[i+1:]
	}
	e.rl.SetPrompt(prompt)
	if e.o.Keyboard != nil {
		_, _ = io.WriteString(e.o.Screen, bracketPaste)
		defer func() { _, _ = io.WriteString(e.o.Screen, freePaste) }()
	}
	line, err := e.rl.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		return "", lex.ErrInterrupt
	}
	return unmark(line), err
}

// ReadSecret reads a line that is shown as blanks. Readline's ReadPassword is not used: it changes the configuration
// while its goroutine reads that.
func (e *Editor) ReadSecret(prompt string) (string, error) {
	e.secret.Store(true)
	defer e.secret.Store(false)
	line, err := e.ReadLine(prompt)
	if e.rl != nil {
		_ = e.rl.SaveHistory("") // which has readline forget what it kept of the line, and keeps nothing itself
	}
	return line, err
}

// ReadText reads a line that is no statement, in which Tab is what is typed.
func (e *Editor) ReadText(prompt string) (string, error) {
	e.plain.Store(true)
	defer e.plain.Store(false)
	return e.ReadLine(prompt)
}

// Add adds a statement to the history.
func (e *Editor) Add(statement string) {
	e.all = append(e.all, statement)
	if e.rl == nil {
		return
	}
	if err := e.rl.SaveHistory(mark(statement)); err != nil {
		e.notSaved(e.rl.Config.HistoryFile, err)
	}
}

// notSaved keeps the first error of the history's file for Close.
func (e *Editor) notSaved(name string, err error) {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if e.lost == nil {
		e.lost = fmt.Errorf("could not save history to file %q: %w", name, err)
	}
}

// History returns the statements, the oldest first.
func (e *Editor) History() []string { return e.all }

// Close gives the terminal back. It tells why the history is not, or not wholly, in its file.
func (e *Editor) Close() error {
	if e.rl == nil {
		return e.lost
	}
	return errors.Join(e.rl.Close(), e.lost)
}

// completer offers how a word may go on when Tab is pressed.
type completer struct {
	complete func(text string) ([]string, int)
	off      *atomic.Bool
	plain    *atomic.Bool
}

// Do implements readline.AutoCompleter.
func (c completer) Do(line []rune, pos int) ([][]rune, int) {
	if c.plain.Load() {
		return [][]rune{{tabMark}}, 0
	}
	if c.complete == nil || c.off.Load() {
		return nil, 0
	}
	endings, typed := c.complete(unmark(string(line[:pos])))
	runes := make([][]rune, len(endings))
	for i, ending := range endings {
		runes[i] = []rune(ending)
	}
	return runes, typed
}

// painter shows the line as it is typed.
type painter struct {
	colors bool
	hidden *atomic.Bool
}

// Paint implements readline.Painter. What it returns is as wide as the line.
func (p painter) Paint(line []rune, _ int) []rune {
	if p.hidden.Load() {
		return blanks(line)
	}
	text := strings.Map(shown, string(line))
	if p.colors {
		text = highlight(text)
	}
	return []rune(text)
}

// shown returns the character that is shown for one of the line, as wide as readline takes it for: a control character
// that was pasted takes no place.
func shown(r rune) rune {
	switch {
	case r == lineMark:
		return '⏎'
	case r == tabMark, isTextKey(r):
		return ' '
	case unicode.IsControl(r) && r != '\n':
		return -1
	}
	return r
}

// blanks are as wide as the line, and end it where it ends.
func blanks(line []rune) (blank []rune) {
	for _, r := range line {
		if r == '\n' {
			blank = append(blank, r)
			continue
		}
		for range format.RuneWidth(r) {
			blank = append(blank, ' ')
		}
	}
	return blank
}
