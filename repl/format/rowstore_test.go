package format

import (
	"fmt"
	"strings"
	"testing"
)

// TestRowStore keeps rows in memory and in a file, and reads them twice.
func TestRowStore(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 100, 1 << 20} {
		s := &rowStore{limit: limit}
		for round := range 2 {
			for i := range 100 {
				row := [][]byte{[]byte(fmt.Sprint(i)), nil, []byte(strings.Repeat("x", i*round))}
				if err := s.add(row); err != nil {
					t.Fatal(err)
				}
			}
			if spilled := s.file != nil; spilled != (limit < 1000) {
				t.Errorf("limit %d: file %v", limit, spilled)
			}
			for range 2 {
				n := 0
				err := s.each(3, func(cells []string) error {
					if cells[0] != fmt.Sprint(n) || cells[1] != "" || cells[2] != strings.Repeat("x", n*round) {
						return fmt.Errorf("row %d is %q", n, cells)
					}
					n++
					return nil
				})
				if err != nil || n != 100 {
					t.Errorf("limit %d: %d rows, error %v", limit, n, err)
				}
			}
			s.reset()
			if s.rows != 0 || s.file != nil {
				t.Errorf("limit %d: not empty after reset", limit)
			}
		}
	}
}

func TestGroupDigits(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"1": "1", "123": "123", "1234": "1,234", "-1234567.891": "-1,234,567.891", "+123": "+123", "1e20": "1e20", "$1234.00": "$1234.00",
		"NaN": "NaN", ".5": ".5", "": "", "1-2": "1-2",
	} {
		if got := groupDigits(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestCutWidth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		columns int
		piece   string
		taken   int
	}{
		{"abc", 2, "ab", 2}, {"abc", 3, "abc", 3}, {"", 3, "", 0}, {"日本", 3, "日", 2}, {"日本", 1, "日", 2}, {"e\u0301x", 1, "e\u0301", 1}, {"ab", 0, "a", 1},
	} {
		if piece, taken := UTF8.cutWidth(c.text, c.columns); piece != c.piece || taken != c.taken {
			t.Errorf("%q in %d: got %q, %d", c.text, c.columns, piece, taken)
		}
	}
}
