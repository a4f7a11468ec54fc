package format

import (
	"bufio"
	"strings"
)

// markup is what the formats for LaTeX and troff have in common.
type markup struct {
	w            *bufio.Writer
	o            Options
	escape       *strings.Replacer
	between, end string // of the cells of a row, and after the last

	columns []Column
	rows    int
}

// begin starts a table and returns its title, "" when it has none.
func (m *markup) begin(columns []Column) (title string) {
	m.columns, m.rows = columns, 0
	if m.o.TuplesOnly {
		return ""
	}
	return m.escape.Replace(m.o.Title)
}

// names returns the columns' names between two texts.
func (m *markup) names(before, after string) []string {
	names := make([]string, len(m.columns))
	for i, column := range m.columns {
		names[i] = before + m.escape.Replace(column.Name) + after
	}
	return names
}

// aligns returns the letters that align the columns.
func (m *markup) aligns() []string {
	aligns := make([]string, len(m.columns))
	for i, column := range m.columns {
		aligns[i] = latexAlign(column)
	}
	return aligns
}

// cells returns the escaped values of the next row, nil for a row without columns.
func (m *markup) cells(values [][]byte) []string {
	m.rows++
	if len(values) == 0 {
		return nil
	}
	texts := m.o.values(values)
	for i, text := range texts {
		texts[i] = m.escape.Replace(text)
	}
	return texts
}

// row writes the cells of a row.
func (m *markup) row(texts []string) error {
	_, err := m.w.WriteString(strings.Join(texts, m.between) + m.end)
	return err
}

// pairs writes the cells of a row below each other, each after the name of its column.
func (m *markup) pairs(texts []string) error {
	for i, name := range m.names("", "") {
		if err := m.row([]string{name, texts[i]}); err != nil {
			return err
		}
	}
	return nil
}

// below writes what stands below the table.
func (m *markup) below() {
	lines := m.o.below(m.rows)
	if m.o.Expanded {
		lines = m.o.belowRecords()
	}
	for _, line := range lines {
		m.w.WriteString(m.escape.Replace(line) + m.end)
	}
}
