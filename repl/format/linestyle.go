package format

// lineStyle holds the characters that lines are drawn with.
type lineStyle struct {
	top, middle, bottom   rule
	left, vertical, right string // at the left of a row, between columns, at the right
	again, wrapped, blank string // instead of vertical: left of a value's next line, of a wrapped one, of nothing
	nameLeft, nameRight   string // around a line of a name that has another line
	moreLeft, moreRight   string // around a line of a value that has another line
	wrapLeft, wrapRight   string // around a line of a value that was wrapped
	rightBorder, oldSigns bool   // signs stand at the right even without a border; the signs of old-ascii stand at the left
}

// rule holds the characters of a horizontal line.
type rule struct{ line, left, cross, right string }

// asciiRule is every horizontal line of the styles without Unicode.
var asciiRule = rule{"-", "+", "+", "+"}

// styleOf returns the line style that the options ask for.
func styleOf(o Options) lineStyle {
	switch o.LineStyle {
	case UnicodeLines:
		return unicodeStyle(o)
	case OldASCII:
		return lineStyle{
			top: asciiRule, middle: asciiRule, bottom: asciiRule, left: "|", vertical: "|", right: "|", again: ":", wrapped: ";", blank: " ",
			nameLeft: "+", nameRight: " ", moreLeft: " ", moreRight: " ", wrapLeft: " ", wrapRight: " ", oldSigns: true,
		}
	}
	return lineStyle{
		top: asciiRule, middle: asciiRule, bottom: asciiRule, left: "|", vertical: "|", right: "|", again: "|", wrapped: "|", blank: "|",
		nameLeft: " ", nameRight: "+", moreLeft: " ", moreRight: "+", wrapLeft: ".", wrapRight: ".", rightBorder: true,
	}
}

// unicodeStyle returns the style with Unicode lines, of which the border, the lines between columns and the line below
// the header can be single or double.
func unicodeStyle(o Options) lineStyle {
	b, c, h := index(o.DoubleBorder), index(o.DoubleColumns), index(o.DoubleHeader)
	frame := [2]string{"┌─┐│└┘", "╔═╗║╚╝"}[b]
	f := []rune(frame)
	corner := func(i int) string { return string(f[i]) }
	line := corner(1)
	vertical := [2]string{"│", "║"}[c]
	return lineStyle{
		top:    rule{line, corner(0), [2][2]string{{"┬", "╤"}, {"╥", "╦"}}[c][b], corner(2)},
		middle: rule{[2]string{"─", "═"}[h], [2][2]string{{"├", "╟"}, {"╞", "╠"}}[h][b], [2][2]string{{"┼", "╪"}, {"╫", "╬"}}[c][h], [2][2]string{{"┤", "╢"}, {"╡", "╣"}}[h][b]},
		bottom: rule{line, corner(4), [2][2]string{{"┴", "╧"}, {"╨", "╩"}}[c][b], corner(5)},
		left:   corner(3), vertical: vertical, right: corner(3), again: vertical, wrapped: vertical, blank: vertical,
		nameLeft: " ", nameRight: "↵", moreLeft: " ", moreRight: "↵", wrapLeft: "…", wrapRight: "…", rightBorder: true,
	}
}

func index(on bool) int {
	if on {
		return 1
	}
	return 0
}
