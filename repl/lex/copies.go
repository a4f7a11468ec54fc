package lex

import "strings"

// copyWords recognises COPY … FROM STDIN by the first words of a statement, as psql does: data for it follows in the
// script. The words in parentheses, quoted names and numbers do not count, so COPY, a few other words, FROM and STDIN
// are seen one after another. The server takes STDOUT for STDIN, so both count.
type copyWords struct {
	words int
	from  bool // the word before was FROM
	state copyState
	count int // of the statements that ended since the count was taken
}

// copyState is how much of COPY … FROM STDIN was seen.
type copyState int

const (
	unsure copyState = iota // the statement has just begun, or COPY was seen
	isCopy                  // COPY … FROM STDIN
	noCopy                  // another statement
)

// mostCopyWords is how many words psql looks through for FROM: COPY BINARY database.schema.table has five.
const mostCopyWords = 6

// word notes a word outside parentheses.
func (c *copyWords) word(word string) {
	c.words++
	switch {
	case c.state != unsure:
	case c.words == 1:
		if !strings.EqualFold(word, "copy") {
			c.state = noCopy
		}
	case c.from:
		c.state = noCopy
		if strings.EqualFold(word, "stdin") || strings.EqualFold(word, "stdout") {
			c.state = isCopy
		}
	case strings.EqualFold(word, "from"):
		c.from = true
	case c.words > mostCopyWords:
		c.state = noCopy
	}
}

// end ends a statement and counts it when it was a COPY … FROM STDIN.
func (c *copyWords) end() {
	if c.state == isCopy {
		c.count++
	}
	*c = copyWords{count: c.count}
}

// CopiesIn returns how many COPY … FROM STDIN a query string holds. backslashQuotes is as in Splitter.
func CopiesIn(sql string, backslashQuotes bool) (n int) {
	if !holdsFold(sql, "copy") || !holdsFold(sql, "std") {
		return 0 // as nearly all
	}
	s := Splitter{BackslashQuotes: backslashQuotes}
	s.Feed(sql)
	for {
		if _, found := s.Next(); !found {
			break
		}
	}
	s.copies.end()
	return s.copies.count
}

// holdsFold reports whether text holds a lower-case ASCII word in letters of any case.
func holdsFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0] && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}
