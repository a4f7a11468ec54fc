package lex

import "strings"

// span is a part of the input.
type span struct{ start, end int }

// fed returns the input at the outermost level, which holds the lines fed, and how much of it is consumed.
func (s *Splitter) fed() (input *string, at int) {
	if len(s.outer) > 0 {
		return &s.outer[0], 0
	}
	return &s.input, s.at
}

// TakeLine takes the line after the current one out of the input that is not consumed, for data of COPY that was pasted
// with its statement. It belongs to no segment.
func (s *Splitter) TakeLine() (line string, found bool) {
	input, at := s.fed()
	if s.taken.end == 0 {
		end := strings.IndexByte((*input)[at:], '\n')
		if end < 0 {
			return "", false
		}
		s.taken = span{at + end + 1, at + end + 1}
	}
	end := strings.IndexByte((*input)[s.taken.end:], '\n')
	if end < 0 {
		return "", false
	}
	line = (*input)[s.taken.end : s.taken.end+end+1]
	s.taken.end += len(line)
	return line, true
}

// dropTaken removes the lines taken from the input. All are removed at once, because what follows them may have to be
// copied. It need not be when only a line end is before them: theirs takes its place.
func (s *Splitter) dropTaken() {
	taken := s.taken
	s.taken = span{}
	if taken.start == taken.end {
		return
	}
	input, at := s.fed()
	if taken.start != at+1 {
		*input = (*input)[:taken.start] + (*input)[taken.end:]
		return
	}
	if len(s.outer) == 0 {
		s.raw = append(s.raw, s.input[s.mark:s.at]...)
		s.at, s.mark = 0, 0
	}
	*input = (*input)[taken.end-1:]
}

// PassOver takes the lines of data for COPY out of the input, and reports whether there were any.
func (s *Splitter) PassOver() (some bool) {
	for {
		line, found := s.TakeLine()
		if !found || line == "\\.\n" {
			return some || found
		}
		some = true
	}
}
