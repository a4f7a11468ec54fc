package format

// expandedField writes a column of a record, which takes as many lines as the higher of its name and its value.
type expandedField struct {
	*expandedTable
	name, value []textLine
	nameLine    int // of the name, to be written next
	line        int // of the value, to be written next
	offset      int // in that line
	nameDone    bool
	done        bool
}

func (f *expandedField) print() error {
	for !f.done || !f.nameDone {
		if f.border == 2 {
			f.w.WriteString(f.style.left)
		}
		f.writeName()
		f.separate()
		f.writeValue()
		if err := f.w.WriteByte('\n'); err != nil {
			return err
		}
	}
	return nil
}

// writeName writes a line of the name.
func (f *expandedField) writeName() {
	old := f.tall && f.style.oldSigns
	if f.nameDone {
		width := f.head + f.border
		if f.border < 2 && old || f.border == 0 && f.tall && !f.style.oldSigns {
			width++
		}
		repeat(f.w, " ", max(width, 1))
		return
	}
	if f.border == 2 || old {
		if f.nameLine > 0 {
			f.w.WriteString(f.style.nameLeft)
		} else {
			f.w.WriteByte(' ')
		}
	}
	text := f.name[f.nameLine]
	f.w.WriteString(text.text)
	repeat(f.w, " ", f.head-text.width)
	f.nameLine++
	f.nameDone = f.nameLine == len(f.name)
	if f.border == 0 && (!f.tall || f.style.oldSigns) {
		return
	}
	if f.nameDone {
		f.w.WriteByte(' ')
	} else {
		f.w.WriteString(f.style.nameRight)
	}
}

// separate writes what stands between the name and the value.
func (f *expandedField) separate() {
	switch {
	case f.border == 0:
	case f.offset > 0:
		f.w.WriteString(f.style.wrapped)
	case f.line == 0:
		f.w.WriteString(f.style.vertical)
	default:
		f.w.WriteString(f.style.again)
	}
}

// writeValue writes a line of the value.
func (f *expandedField) writeValue() {
	if f.done {
		if f.border == 2 {
			repeat(f.w, " ", f.data+2)
			f.w.WriteString(f.style.right)
		}
		return
	}
	if f.offset > 0 {
		f.w.WriteString(f.style.wrapLeft)
	} else {
		f.w.WriteByte(' ')
	}
	text := f.value[f.line].text
	piece, width := f.o.Encoding.cutWidth(text[f.offset:], f.data)
	f.w.WriteString(piece)
	f.offset += len(piece)
	sign, shown := " ", f.border == 2
	switch {
	case f.offset < len(text):
		sign, shown = f.style.wrapRight, shown || f.signs && !f.style.oldSigns
	case f.line+1 < len(f.value):
		sign, shown = f.style.moreRight, shown || f.signs && !f.style.oldSigns
		f.line, f.offset = f.line+1, 0
	default:
		f.done = true
	}
	if shown {
		repeat(f.w, " ", f.data-width)
		f.w.WriteString(sign)
	}
	if f.border == 2 {
		f.w.WriteString(f.style.right)
	}
}
