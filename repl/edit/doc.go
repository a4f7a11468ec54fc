// Package edit is the line editor: history, completion, colours and pasted text on a terminal.
package edit
