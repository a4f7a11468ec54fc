package edit

import (
	"slices"

	"github.com/chzyer/readline"
)

// keys decides what readline does with keys. Readline calls it in a goroutine of its own.
type keys struct{ *Editor }

// emptyLine stands for Ctrl-U. Like lineMark no text has it.
const emptyLine = '\uFDD2'

// filter returns the key that readline is to see.
func (k keys) filter(r rune) (rune, bool) {
	if k.secret.Load() {
		r = secretKey(r)
	}
	if isTextKey(r) || r == readline.CharInterrupt || r == readline.CharTab {
		k.leaveModes(r)
	}
	return r, true
}

// leaveModes has text and Ctrl-C be for the line, and not for the list of completions or the search that is shown. Tab
// lists the completions once more, as in psql, where readline would choose the first of them for the next Enter.
func (k keys) leaveModes(r rune) {
	mode := k.rl.Operation
	if mode.IsInCompleteMode() || mode.IsInCompleteSelectMode() {
		mode.ExitCompleteMode(true)
	}
	if mode.IsSearchMode() && isTextKey(r) {
		mode.ExitSearchMode(false)
	}
}

// secretKey keeps what is typed while nothing is shown from readline's memory: what its keys cut out can be put into a
// later line, which is shown. So the keys that edit, recall and search do nothing then, but for those that take the last
// character or all of them back. A key that readline does not see would have it read ahead, so it sees one that does
// nothing.
func secretKey(r rune) rune {
	switch r {
	case readline.CharCtrlU:
		return emptyLine
	case 0, readline.CharInterrupt, readline.CharDelete, readline.CharCtrlH, readline.CharCtrlJ, readline.CharEnter, readline.CharCtrlZ:
		return r
	}
	if r >= ' ' {
		return r
	}
	return readline.CharBell
}

// OnChange implements readline.Listener: it puts text in the place of the key that stands for it.
func (k keys) OnChange(line []rune, pos int, key rune) (changed []rune, newPos int, ok bool) {
	if key == emptyLine {
		return nil, 0, k.secret.Load()
	}
	if !isTextKey(key) || pos < 1 || line[pos-1] != key || k.reader == nil {
		return nil, 0, false
	}
	text, _ := k.reader.text(key)
	return slices.Concat(line[:pos-1], text, line[pos:]), pos - 1 + len(text), true
}
