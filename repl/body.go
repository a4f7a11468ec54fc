package repl

import "strings"

// body recognises the body of an SQL function, BEGIN ATOMIC … END, whose semicolons do not end the statement. As psql
// does, it counts BEGIN, CASE and END, but only in a statement that starts with CREATE [OR REPLACE] FUNCTION or PROCEDURE.
type body struct {
	first [4]string // the first words of the statement, in lower case
	words int
	depth int
}

// count notes a word of the statement.
func (b *body) count(word string) {
	if b.words < len(b.first) {
		b.first[b.words] = strings.ToLower(word)
	}
	b.words++
}

// word notes a word that stands outside parentheses.
func (b *body) word(word string) {
	b.count(word)
	if !b.routine() {
		return
	}
	switch strings.ToLower(word) {
	case "begin":
		b.depth++
	case "case":
		if b.depth > 0 {
			b.depth++
		}
	case "end":
		b.depth = max(0, b.depth-1)
	}
}

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
