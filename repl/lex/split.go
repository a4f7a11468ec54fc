package lex

import "strings"

// Kind tells the segments of a script apart.
type Kind int

// The kinds of segments.
const (
	Statement Kind = iota // an SQL statement, or at the end of the input what is left of one
	Command               // a backslash command
)

// Segment is a piece of a script. The Raw parts of all segments, joined, are the input.
type Segment struct {
	Kind Kind
	// Raw is the input consumed since the segment before.
	Raw string
	// Text is what to send to the server: Raw without leading white space and comments to the end of the line, with
	// \; as a plain semicolon and with variables replaced. The final semicolon belongs to it. It is empty when there is
	// nothing to send. For a Command it is the command from its backslash on, without the end of the line.
	Text string
	// Line is the number of the line on which the segment ends, counted from 1.
	Line int
}

// Splitter cuts a script into statements and backslash commands with psql's lexical rules: quotes of all kinds, dollar
// quotes, nested comments, parentheses and the BEGIN … END bodies of SQL functions hide a semicolon, and \; is a
// semicolon that does not end the statement. The zero value works. It is not safe for concurrent use.
//
// Feed it whole lines with their line ends (the last may lack it), as an interactive reader and a script reader both
// have them, and call Next until it returns false.
type Splitter struct {
	// BackslashQuotes is set while the server's standard_conforming_strings is off: then a backslash escapes in '…' too.
	BackslashQuotes bool
	// Variable looks up a variable for :name (quote 0), :'name' (quote '\''), :"name" (quote '"') and :{?name}
	// (quote '?'), and returns the text to put there. When it is nil or reports false the text stays as it is.
	Variable func(name string, quote byte) (string, bool)
	// Form says how far a backslash command goes. When it is nil all commands have Arguments.
	Form func(name string) Form
	// Lines has the end of the input fed end a statement too, as in psql's single-line mode.
	Lines bool

	input  string   // at the current level: the lines fed, or the value of a variable
	at     int      // how much of input is consumed
	outer  []string // what is left of the levels around the current one
	active []string // the names of the variables being read, outermost first

	raw  []byte // consumed since the last segment and no longer in input
	mark int    // where in the fed input the last segment ended
	text []byte // the statement collected so far

	mode    mode
	tag     string // the delimiter of the dollar quote
	nesting int    // of comments
	parens  int
	body    body
	copies  copyWords // in the query string
	gap     gap       // after an E'…' string, which another quote may go on with
	newline bool      // a line end was consumed and is not yet in text
	broken  int       // len(text) just after a line end was put there
	line    int       // line ends consumed
	last    string    // the backslash command consumed last
	taken   span      // by TakeLine
}

// Feed adds input: one or more whole lines.
func (s *Splitter) Feed(lines string) {
	s.dropTaken()
	if len(s.outer) > 0 {
		s.outer[0] += lines
		return
	}
	s.raw = append(s.raw, s.input[s.mark:s.at]...)
	s.input, s.at, s.mark = s.input[s.at:]+lines, 0, 0
}

// Next returns the next complete segment, and false when the input fed does not hold one.
func (s *Splitter) Next() (Segment, bool) {
	s.dropTaken()
	for {
		for s.at < len(s.input) {
			if s.lineStart() {
				continue
			}
			if kind, found := s.step(); found {
				return s.cut(kind), true
			}
		}
		if s.leave() {
			continue
		}
		if s.Lines && s.State() == Continue && s.body.depth == 0 {
			return s.cut(Statement), true
		}
		return Segment{}, false
	}
}

// Flush ends the input: it returns what is left as a Statement, which psql sends though nothing ends it, and starts
// afresh. It returns false when nothing is left. Call it when Next has returned false.
func (s *Splitter) Flush() (Segment, bool) {
	rest := s.cut(Statement)
	s.Reset()
	return rest, rest.Raw != "" || rest.Text != ""
}

// Pending returns the statement collected so far: the buffer that \g, \p and \e are about.
func (s *Splitter) Pending() string { return string(s.text) }

// Reset forgets the statement collected so far, as \r does. Input not yet consumed stays.
func (s *Splitter) Reset() {
	s.text = s.text[:0]
	s.mode, s.tag, s.nesting, s.parens, s.body = initial, "", 0, 0, body{}
	s.gap, s.newline, s.broken = noGap, false, 0
}

// SkipLine forgets the rest of the line.
func (s *Splitter) SkipLine() {
	s.dropTaken()
	n := strings.IndexByte(s.rest(), '\n')
	if n < 0 {
		n = len(s.rest())
	}
	s.skip(n)
}

// lineStart puts the line end before the current line into the statement. Like psql it drops empty lines outside
// quotes and comments, which is visible in the line numbers of errors. It reports whether it consumed a line.
func (s *Splitter) lineStart() bool {
	if !s.newline {
		return false
	}
	if s.input[s.at] == '\n' && s.mode == initial {
		s.at++
		s.line++
		return true
	}
	s.newline = false
	if len(s.text) > 0 {
		s.text = append(s.text, '\n')
		s.broken = len(s.text)
	}
	return false
}

// cut makes a segment of what has been consumed since the last one.
func (s *Splitter) cut(kind Kind) Segment {
	seg := Segment{Kind: kind, Line: s.line + 1}
	if len(s.outer) == 0 {
		s.raw = append(s.raw, s.input[s.mark:s.at]...)
		s.mark = s.at
	}
	seg.Raw = string(s.raw)
	s.raw = s.raw[:0]
	if kind == Command {
		seg.Text = s.last
		return seg
	}
	seg.Text = string(s.text)
	s.text, s.body, s.gap, s.broken = s.text[:0], body{}, noGap, 0
	return seg
}

// Insert adds input before what is not consumed yet.
func (s *Splitter) Insert(lines string) {
	s.dropTaken()
	s.raw = append(s.raw, s.input[s.mark:s.at]...)
	s.input, s.at, s.mark = lines+strings.TrimPrefix(s.input[s.at:], "\n"), 0, 0
}
