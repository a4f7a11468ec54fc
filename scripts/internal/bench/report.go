package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
)

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// spread is how far the middle half of the values is apart, as a part of the median.
func spread(all []float64) float64 {
	if len(all) < 2 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return (sorted[len(sorted)*3/4] - sorted[len(sorted)/4]) / median(all)
}

// table is what was measured.
type table struct {
	contestants []*contestant
	rows        []*row
	load        string // of the machine, before
}

// noisy is the spread from which on a value is marked.
const noisy = 0.2

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}

// addSum adds a row with the sums of medians of others.
func (t *table) addSum(name string, of []statement) {
	sum := &row{name: name, unit: "ms", values: map[*contestant][]float64{}}
	last := 0
	for i, r := range t.rows {
		if !slices.ContainsFunc(of, func(s statement) bool { return s.Name == r.name }) {
			continue
		}
		last = i
		for c, values := range r.values {
			if sum.values[c] == nil {
				sum.values[c] = []float64{0}
			}
			sum.values[c][0] += median(values)
		}
	}
	t.rows = slices.Insert(t.rows, last+1, sum)
}

// others are the contestants that the first is compared with.
func (t *table) others() []*contestant { return t.contestants[1:] }

// ratio is the first contestant's value by another's, turned so that below 1 the first is ahead; 0 when one of them is absent.
func (t *table) ratio(r *row, other *contestant) float64 {
	ours, theirs := median(r.values[t.contestants[0]]), median(r.values[other])
	if ours == 0 || theirs == 0 {
		return 0
	}
	if r.faster {
		return theirs / ours
	}
	return ours / theirs
}

// text is the table in Markdown.
func (t *table) text() string {
	var b strings.Builder
	head, rule := "| median of each |", "| --- |"
	for _, c := range t.contestants {
		head, rule = head+" "+c.title()+" |", rule+" ---: |"
	}
	for _, c := range t.others() {
		head, rule = head+" against "+c.name+" |", rule+" ---: |"
	}
	fmt.Fprintf(&b, "%s\n%s\n", head, rule)
	marked, values := 0, 0
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s, %s |", r.name, r.unit)
		for _, c := range t.contestants {
			text := number(median(r.values[c]))
			if spread(r.values[c]) > noisy {
				text, marked = text+" ~", marked+1
			}
			if len(r.values[c]) > 0 {
				values++
			}
			b.WriteString(" " + text + " |")
		}
		for _, c := range t.others() {
			if ratio := t.ratio(r, c); ratio > 0 {
				fmt.Fprintf(&b, " %.2f × |", ratio)
			} else {
				b.WriteString("  |")
			}
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n%d processors; the machine's load before was %s, after %s. Of %d values, %d are marked with ~: the middle half of their rounds is more than %.0f %% apart.\n",
		runtime.NumCPU(), t.load, loadAverage(), values, marked, 100*noisy)
	if marked*4 > values {
		b.WriteString("**This run was noisy: other programs had the processors, or something else disturbed it. Repeat it on a quiet machine.**\n")
	}
	return b.String()
}

func (c *contestant) title() string {
	if c.version == "" || c.engine != "" {
		return c.name
	}
	return c.name + " " + c.version
}

// number has three digits that count.
func number(v float64) string {
	if v == 0 {
		return ""
	}
	digits := max(0, 2-int(math.Floor(math.Log10(v))))
	return fmt.Sprintf("%.*f", digits, v)
}

// chart draws the ratios to the others, a bar each, on a logarithmic scale around 1.
func (t *table) chart() string {
	const left, middle, unit, line = 430, 640, 100, 16 // unit is the width of a ratio of 4
	colours := []string{"#9aa5b1", "#336791", "#e0a030"}
	var b strings.Builder
	y := 40
	for _, r := range t.rows {
		for i, c := range t.others() {
			ratio := t.ratio(r, c)
			if ratio == 0 {
				continue
			}
			width := max(-180, min(180, unit*math.Log2(ratio)/2))
			fmt.Fprintf(&b, `<rect x="%.0f" y="%d" width="%.0f" height="5" fill="%s"/>`+"\n", middle+min(0, width), y+5*i, max(1, math.Abs(width)), colours[i%len(colours)])
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", left, y+11, escape(r.name))
		y += line + 5
	}
	var legend strings.Builder
	for i, c := range t.others() {
		fmt.Fprintf(&legend, `<rect x="%d" y="8" width="10" height="10" fill="%s"/><text x="%d" y="17">against %s</text>`+"\n",
			10+170*i, colours[i%len(colours)], 25+170*i, escape(c.title()))
	}
	const head = `<svg xmlns="http://www.w3.org/2000/svg" width="840" height="%d" font-family="sans-serif" font-size="11">` + "\n" +
		`<rect width="840" height="%d" fill="white"/>` + "\n"
	axis := fmt.Sprintf(`<line x1="%d" y1="28" x2="%d" y2="%d" stroke="black"/><text x="%d" y="24" text-anchor="end">pglite is ahead</text>`+
		`<text x="%d" y="24">pglite is behind</text>`+"\n", middle, middle, y, middle-6, middle+6)
	return fmt.Sprintf(head, y+10, y+10) + legend.String() + axis + b.String() + "</svg>\n"
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
