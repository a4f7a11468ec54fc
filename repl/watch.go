package repl

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// watching says how \watch repeats a statement.
type watching struct {
	interval time.Duration
	count    int // 0: until interrupted
	least    int // end when fewer rows come
}

// parseWatch reads the arguments of \watch: SECONDS, i=SECONDS, c=COUNT, m=ROWS.
func parseWatch(args []argument, interval string) (w watching, err error) {
	seconds := interval
	for _, arg := range args {
		name, value, named := strings.Cut(arg.text, "=")
		if !named {
			name, value = "i", arg.text
		}
		switch name {
		case "i", "interval":
			seconds = value
		case "c", "count":
			if w.count, err = strconv.Atoi(value); err != nil || w.count <= 0 {
				return w, fmt.Errorf(`\watch: incorrect iteration count "%s"`, value)
			}
		case "m", "min_rows":
			if w.least, err = strconv.Atoi(value); err != nil || w.least <= 0 {
				return w, fmt.Errorf(`\watch: incorrect minimum row count "%s"`, value)
			}
		default:
			return w, fmt.Errorf(`\watch: unrecognized parameter "%s"`, name)
		}
	}
	n, err := strconv.ParseFloat(seconds, 64)
	if err != nil || n < 0 {
		return w, fmt.Errorf(`\watch: incorrect interval value "%s"`, seconds)
	}
	w.interval = time.Duration(n * float64(time.Second))
	return w, nil
}

// watchCommand runs the statement again and again.
func watchCommand(ctx context.Context, r *scriptRun, c *call) error {
	w, err := parseWatch(c.args, cmp.Or(r.Variables["WATCH_INTERVAL"], "2"))
	if err != nil {
		return r.wrong(err.Error())
	}
	query := r.take()
	if query == "" {
		return r.wrong(`\watch cannot be used with an empty query`)
	}
	for n := 1; ; n++ {
		options := r.Options
		options.Title = watchTitle(r.Options.Title, time.Now(), w.interval)
		if err := r.perform(ctx, query, how{options: &options}); err != nil {
			return err
		}
		rows, _ := strconv.Atoi(r.Variables["ROW_COUNT"])
		if n == w.count || w.least > 0 && rows < w.least {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(w.interval):
		}
	}
}

func watchTitle(title string, now time.Time, interval time.Duration) string {
	text := fmt.Sprintf("%s (every %gs)\n", now.Format("Mon Jan _2 15:04:05 2006"), interval.Seconds())
	if title != "" {
		return title + "\t" + text
	}
	return text
}
