package edit

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// tabMark stands for a tab in the editor, in which Tab is the key that completes. Like lineMark no text has it.
const tabMark = '\uFDD1'

// marks and unmarks put the editor's signs in place of line ends and tabs, and back.
var (
	marks   = strings.NewReplacer("\n", string(lineMark), "\t", string(tabMark))
	unmarks = strings.NewReplacer(string(lineMark), "\n", string(tabMark), "\t")
)

func mark(text string) string { return marks.Replace(text) }

func unmark(text string) string { return unmarks.Replace(text) }

// What a terminal in the mode of bracketed paste sends around pasted text, and what starts and ends the mode
// (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-Bracketed-Paste-Mode).
const (
	pasteBegins  = "\x1b[200~"
	pasteEnds    = "\x1b[201~"
	bracketPaste = "\x1b[?2004h"
	freePaste    = "\x1b[?2004l"
)

// The keys that stand for a piece of text: for each key readline writes the whole line, so text that comes in at once
// is one key. Like lineMark no text has them. A key is used again after so many others; what reads ahead of readline
// holds a few.
const (
	firstTextKey = '\uFDD3'
	lastTextKey  = '\uFDEF'
)

// leastTyped is how many characters have to come in at once, outside of the brackets of pasted text, to be one key.
// Fewer are keys of their own, as the search in the history wants them.
const leastTyped = 32

// input is what the keyboard sent: keys, or a piece of text.
type input struct {
	keys []byte
	text []rune
}

// pasteReader reads the keyboard. It keeps the tabs of pasted text from being keys, and makes one key of each line of
// it.
type pasteReader struct {
	io.Reader
	pasting bool
	held    []byte  // the start of what may become a bracket or a character
	ready   []input // read and not passed on yet

	mu    sync.Mutex // guards what follows, as readline reads in a goroutine of its own
	last  rune       // the key used last
	texts map[rune][]rune
}

// Read implements io.Reader. It returns one piece of text at most.
func (p *pasteReader) Read(b []byte) (int, error) {
	for len(p.ready) == 0 {
		chunk := make([]byte, max(4096, len(b)))
		n, err := p.Reader.Read(chunk)
		p.ready = p.translate(append(p.held, chunk[:n]...))
		if err != nil && len(p.held) > 0 {
			p.ready = append(p.ready, input{keys: p.held})
			p.held = nil
		}
		if err != nil && len(p.ready) == 0 {
			return 0, err
		}
	}
	next := &p.ready[0]
	if next.text != nil {
		next.keys, next.text = []byte(string(p.key(next.text))), nil
	}
	n := copy(b, next.keys)
	if next.keys = next.keys[n:]; len(next.keys) == 0 {
		p.ready = p.ready[1:]
	}
	return n, nil
}

// key keeps a piece of text and returns the key for it.
func (p *pasteReader) key(text []rune) rune {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last++; p.last < firstTextKey || p.last > lastTextKey {
		p.last = firstTextKey
	}
	if p.texts == nil {
		p.texts = map[rune][]rune{}
	}
	p.texts[p.last] = text
	return p.last
}

// text returns the text that a key stands for, and false for other keys.
func (p *pasteReader) text(key rune) (text []rune, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, ok = p.texts[key]
	delete(p.texts, key)
	return text, ok
}

// isTextKey reports whether a key stands for text.
func isTextKey(key rune) bool { return key >= firstTextKey && key <= lastTextKey }

// translate takes the brackets out and what is between them for text. The start of a bracket at the end of data is held
// back until the next call; Escape alone is a key, but not in pasted text, which an end not recognized would make of all
// that is typed later.
func (p *pasteReader) translate(data []byte) (in []input) {
	p.held = nil
	for len(data) > 0 {
		bracket, least := pasteBegins, 2
		if p.pasting {
			bracket, least = pasteEnds, 1
		}
		part, rest, found := bytes.Cut(data, []byte(bracket))
		if !found {
			n := bracketStart(data, bracket, least)
			if p.pasting && n == 0 {
				n = characterStart(data)
			}
			part, p.held = data[:len(data)-n], slices.Clone(data[len(data)-n:])
		}
		if p.pasting {
			in = append(in, pasted(part)...)
		} else {
			in = append(in, typed(part)...)
		}
		if !found {
			return in
		}
		p.pasting = !p.pasting
		data = rest
	}
	return in
}

// pasted returns what pasted text is: its lines are text, and its line ends are keys. Terminals send them as Enter.
func pasted(data []byte) (in []input) {
	for len(data) > 0 {
		n := bytes.IndexAny(data, "\r\n")
		switch {
		case n == 0:
			in = append(in, input{keys: data[:1]})
			data = data[1:]
			continue
		case n < 0:
			n = len(data)
		}
		text := strings.ReplaceAll(string(data[:n]), "\t", string(tabMark))
		in = append(in, input{text: []rune(strings.ReplaceAll(text, "\x00", ""))})
		data = data[n:]
	}
	return in
}

// typed returns what came in outside of brackets: keys, but for long runs of characters.
func typed(data []byte) (in []input) {
	keys := 0 // the data before this is passed on
	for at := 0; at < len(data); {
		n, count := printable(data[at:])
		if count >= leastTyped {
			if keys < at {
				in = append(in, input{keys: data[keys:at]})
			}
			in = append(in, input{text: []rune(string(data[at : at+n]))})
			keys = at + n
		}
		at += max(n, 1)
	}
	if keys < len(data) {
		in = append(in, input{keys: data[keys:]})
	}
	return in
}

// printable returns how many bytes at the start of data are whole characters that are seen, and how many characters.
func printable(data []byte) (n, count int) {
	for n < len(data) {
		r, size := utf8.DecodeRune(data[n:])
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			break
		}
		n += size
		count++
	}
	return n, count
}

// bracketStart returns how much of a bracket data ends with, 0 when it is less than so much.
func bracketStart(data []byte, bracket string, least int) int {
	for n := len(bracket) - 1; n >= least; n-- {
		if bytes.HasSuffix(data, []byte(bracket[:n])) {
			return n
		}
	}
	return 0
}

// characterStart returns how many bytes at the end of data are the start of a character of which the rest is missing.
func characterStart(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if c := data[len(data)-n]; utf8.RuneStart(c) {
			if utf8.FullRune(data[len(data)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
