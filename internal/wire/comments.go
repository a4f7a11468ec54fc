package wire

import (
	"bytes"
	"slices"
)

// comments finds what comes after comments in SQL, in a time that grows with the text and no faster, whatever is in it.
type comments struct {
	body  []byte
	ends  map[int]int // of block comments, which nest, by their beginnings; nil until it is asked for
	lines []int       // where they end, and where the text does; nil until it is asked for
}

// maxComments is how many comments between a word and its value are believed.
const maxComments = 64

// skip returns where the text goes on after white space, signs of assignment (=, :=, =>) and comments. ok is false when
// there are more comments than maxComments: what follows could be anything.
func (c *comments) skip(at int) (next int, ok bool) {
	for range maxComments {
		for at < len(c.body) && (isSpace(c.body[at]) || bytes.IndexByte([]byte("=:>"), c.body[at]) >= 0) {
			at++
		}
		switch rest := c.body[at:]; {
		case bytes.HasPrefix(rest, []byte("--")):
			at = c.line(at)
		case bytes.HasPrefix(rest, []byte("/*")):
			at = c.block(at)
		default:
			return at, true
		}
	}
	return at, false
}

// line returns the end of a comment that ends with its line: at a line feed or a carriage return, as in PostgreSQL's
// scan.l.
func (c *comments) line(at int) int {
	if c.lines == nil {
		for i, b := range c.body {
			if b == '\n' || b == '\r' {
				c.lines = append(c.lines, i)
			}
		}
		c.lines = append(c.lines, len(c.body))
	}
	next, _ := slices.BinarySearch(c.lines, at)
	return c.lines[next]
}

// block returns the end of a block comment; one that is not closed goes to the text's end.
func (c *comments) block(at int) int {
	if c.ends == nil {
		c.pair()
	}
	if end, ok := c.ends[at]; ok {
		return end
	}
	return len(c.body)
}

// pair finds the end of each block comment.
func (c *comments) pair() {
	c.ends = map[int]int{}
	var open []int
	for i := 0; i+1 < len(c.body); i++ {
		switch {
		case c.body[i] == '/' && c.body[i+1] == '*':
			open = append(open, i)
			i++
		case c.body[i] == '*' && c.body[i+1] == '/' && len(open) > 0:
			c.ends[open[len(open)-1]] = i + 2
			open = open[:len(open)-1]
			i++
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
