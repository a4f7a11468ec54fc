package format

// layout says how wide the columns of an aligned table are.
type layout struct {
	widths []int
	total  int  // with the lines between them
	over   bool // it is wider than the output may be
}

// layout returns the widths of the columns. In the wrapped format they are narrowed until the table fits.
func (p *measuredPrinter) layout() layout {
	l := layout{widths: append([]int(nil), p.widths...)}
	l.total = tableWidth(l.widths, p.o.Border)
	names := tableWidth(p.head, p.o.Border)
	target := p.target()
	if p.o.Format == Wrapped && target > 0 && target >= names {
		for l.total > target && p.narrow(l.widths) {
			l.total--
		}
	}
	l.over = target > 0 && (target < names || target < l.total)
	return l
}

// narrow takes one off the column in which the fewest values have to be wrapped for it: the one whose widest value is
// the most above the average, with a bias against wide ones. No column gets narrower than its name. It reports false
// when none can be narrowed.
func (p *measuredPrinter) narrow(widths []int) bool {
	worst, most := -1, 0.0
	for i, width := range widths {
		average := p.sums[i] / max(p.store.rows, 1)
		if average == 0 || width <= p.head[i] {
			continue
		}
		if ratio := float64(width)/float64(average) + float64(p.widths[i])*0.01; ratio > most {
			worst, most = i, ratio
		}
	}
	if worst < 0 {
		return false
	}
	widths[worst]--
	return true
}

// tableWidth returns how wide a table with columns of these widths is.
func tableWidth(widths []int, border int) int {
	n := len(widths)
	total := n // the place of the sign that a value goes on
	switch {
	case border == 1:
		total = 3*n - min(n, 1)
	case border > 1:
		total = 3*n + 1
	}
	for _, width := range widths {
		total += width
	}
	return total
}
