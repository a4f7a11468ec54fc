package format

import "testing"

func TestGridText(t *testing.T) {
	t.Parallel()
	text := "x"
	g := &Grid{Rows: [][]*string{{&text, nil}}}
	for place, want := range map[[2]int]string{{0, 0}: "x", {0, 1}: "", {0, 2}: "", {1, 0}: ""} {
		if got := g.Text(place[0], place[1]); got != want {
			t.Errorf("%v: got %q, want %q", place, got, want)
		}
	}
}
