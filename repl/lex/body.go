package lex

import "strings"

// body recognises the body of an SQL function, BEGIN ATOMIC … END, whose semicolons do not end the statement. It goes by
// the server's grammar, where psql counts the words BEGIN, CASE and END, which may be names too: a body begins with
// BEGIN ATOMIC in a statement that starts with CREATE [OR REPLACE] FUNCTION or PROCEDURE, and ends with END where a
// statement could start.
type body struct {
	first [4]string // the first words of the statement, in lower case
	words int
	begin bool // the word before was BEGIN
	depth int  // bodies that are open
}

// word notes a word that stands outside parentheses.
func (b *body) word(word string) {
	word = strings.ToLower(word)
	switch {
	case word == "atomic" && b.begin && b.routine():
		b.depth++
		b.start()
		return
	case word == "end" && b.words == 0 && b.depth > 0:
		b.depth--
	}
	if b.words < len(b.first) {
		b.first[b.words] = word
	}
	b.words++
	b.begin = word == "begin"
}

// other notes a token that is no word.
func (b *body) other() {
	b.words++
	b.begin = false
}

// next notes a semicolon outside parentheses and reports whether it ends the statement.
func (b *body) next() bool {
	b.start()
	return b.depth == 0
}

// start begins a statement, in a body or not.
func (b *body) start() { b.first, b.words, b.begin = [4]string{}, 0, false }

// routine reports whether the statement creates a function or a procedure.
func (b *body) routine() bool {
	if b.first[0] != "create" {
		return false
	}
	object := b.first[1]
	if object == "or" && b.first[2] == "replace" {
		object = b.first[3]
	}
	return object == "function" || object == "procedure"
}
