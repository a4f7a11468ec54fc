package format

import (
	"fmt"
	"strings"
)

// What libpq allows: a line of the query is shown up to lineColumns wide, and when something is cut off on the right
// at least rightColumns stay visible after the caret.
const (
	lineColumns  = 60
	rightColumns = 10
)

// positionLines returns the line of the query that holds the character at position (counted from 1), with its number,
// and a second line with a caret under the character. Long lines are cut on either side, marked by "...". It returns
// "" for a position outside the query.
func positionLines(query string, position int) string {
	runes := []rune(strings.ReplaceAll(query, "\t", " "))
	at := position - 1
	if at < 0 || at > len(runes) {
		return ""
	}
	number, begin, end := lineAround(runes, at)
	columns := make([]int, len(runes)+1) // the column at which each character starts
	for i, r := range runes {
		columns[i+1] = columns[i] + max(1, RuneWidth(r))
	}
	from, to := cutLine(columns, begin, end, at)
	label := fmt.Sprintf("LINE %d: ", number)
	indent := len(label) + columns[at] - columns[from]
	var b strings.Builder
	b.WriteString(label)
	if from > begin {
		b.WriteString("...")
		indent += 3
	}
	b.WriteString(string(runes[from:to]))
	if to < end {
		b.WriteString("...")
	}
	b.WriteString("\n" + strings.Repeat(" ", indent) + "^\n")
	return b.String()
}

// lineAround returns the number of the line that holds runes[at], and where it begins and ends. A lone \r, a lone \n
// and \r\n each end a line.
func lineAround(runes []rune, at int) (number, begin, end int) {
	number = 1
	for i, r := range runes {
		if r != '\r' && r != '\n' {
			continue
		}
		if i >= at {
			return number, begin, i
		}
		if r == '\r' || i == 0 || runes[i-1] != '\r' {
			number++
		}
		begin = i + 1
	}
	return number, begin, len(runes)
}

// cutLine narrows the line to what is shown: first the right side gives way, and the left only when the caret would
// otherwise come too close to the end.
func cutLine(columns []int, begin, end, at int) (from, to int) {
	from, to = begin, end
	width := func() int { return columns[to] - columns[from] }
	if width() <= lineColumns {
		return from, to
	}
	if columns[from]+lineColumns >= columns[at]+rightColumns {
		for width() > lineColumns {
			to--
		}
		return from, to
	}
	for columns[at]+rightColumns < columns[to] {
		to--
	}
	for width() > lineColumns {
		from++
	}
	return from, to
}
