package edit

import (
	"sync/atomic"

	"github.com/chzyer/readline"
)

// secretKeys keeps what is typed while nothing is shown from readline's memory: what its keys cut out can be put into a later line, which is
// shown. So the keys that edit, recall and search do nothing then, but for those that take the last character or all of them back.
type secretKeys struct{ on *atomic.Bool }

// emptyLine stands for Ctrl-U. Like lineMark no text has it.
const emptyLine = '\uFDD2'

// filter returns the key that readline is to see. One that it does not see would have it read ahead, so it sees one that does nothing.
func (k secretKeys) filter(r rune) (rune, bool) {
	if !k.on.Load() || r >= ' ' {
		return r, true
	}
	switch r {
	case readline.CharCtrlU:
		return emptyLine, true
	case 0, readline.CharInterrupt, readline.CharDelete, readline.CharCtrlH, readline.CharCtrlJ, readline.CharEnter, readline.CharCtrlZ:
		return r, true
	}
	return readline.CharBell, true
}

// OnChange implements readline.Listener.
func (k secretKeys) OnChange(_ []rune, _ int, key rune) (line []rune, pos int, ok bool) {
	return nil, 0, key == emptyLine && k.on.Load()
}
