package edit

import (
	"bytes"
	"io"
	"slices"
	"strings"
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

// pasteReader reads the keyboard and keeps the tabs of pasted text from being keys.
type pasteReader struct {
	io.Reader
	pasting bool
	held    []byte // the start of what may become a bracket
	ready   []byte // read and not passed on yet
}

// Read implements io.Reader.
func (p *pasteReader) Read(b []byte) (int, error) {
	for len(p.ready) == 0 {
		chunk := make([]byte, max(64, len(b)))
		n, err := p.Reader.Read(chunk)
		p.ready = p.translate(append(p.held, chunk[:n]...))
		if err != nil {
			p.ready = append(p.ready, p.held...)
			p.held = nil
			if len(p.ready) == 0 {
				return 0, err
			}
		}
	}
	n := copy(b, p.ready)
	p.ready = p.ready[n:]
	return n, nil
}

// translate takes the brackets out and marks the tabs between them. The start of a bracket at the end of data is held back until the next
// call; Escape alone is a key, but not in pasted text, which an end not recognized would make of all that is typed later.
func (p *pasteReader) translate(data []byte) (out []byte) {
	p.held = nil
	for len(data) > 0 {
		bracket, least := pasteBegins, 2
		if p.pasting {
			bracket, least = pasteEnds, 1
		}
		text, rest, found := bytes.Cut(data, []byte(bracket))
		if !found {
			n := bracketStart(data, bracket, least)
			text, p.held = data[:len(data)-n], slices.Clone(data[len(data)-n:])
		}
		if p.pasting {
			text = bytes.ReplaceAll(text, []byte("\t"), []byte(string(tabMark)))
		}
		out = append(out, text...)
		if !found {
			return out
		}
		p.pasting = !p.pasting
		data = rest
	}
	return out
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
