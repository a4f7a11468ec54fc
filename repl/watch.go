package repl

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// watching says how \watch repeats a statement.
type watching struct {
	interval time.Duration
	count    int // 0: until interrupted
	least    int // end when fewer rows come
}

// parseWatch reads the arguments of \watch: SECONDS, i=SECONDS, c=COUNT, m=ROWS, each at most once.
func parseWatch(args []lex.Argument, interval string) (w watching, err error) {
	given := map[string]bool{}
	once := func(name, what string) error {
		if given[name] {
			return fmt.Errorf(`\watch: %s specified more than once`, what)
		}
		given[name] = true
		return nil
	}
	for _, arg := range args {
		name, value, named := strings.Cut(arg.Text, "=")
		if !named {
			name, value = "i", arg.Text
		}
		switch name {
		case "i", "interval":
			interval, err = value, once("i", "interval value is")
		case "c", "count":
			if err = once("c", "iteration count is"); err == nil {
				w.count, err = atLeastOne("iteration count", value)
			}
		case "m", "min_rows":
			if err = once("m", "minimum row count"); err == nil {
				w.least, err = atLeastOne("minimum row count", value)
			}
		default:
			err = fmt.Errorf(`\watch: unrecognized parameter "%s"`, arg.Text)
		}
		if err != nil {
			return w, err
		}
	}
	n, err := parseDouble(interval)
	if err != nil || !(n >= 0 && n*float64(time.Second) < math.MaxInt64) { // as NaN is not either
		return w, fmt.Errorf(`\watch: incorrect interval value "%s"`, interval)
	}
	w.interval = time.Duration(n * float64(time.Second)).Truncate(time.Millisecond)
	return w, nil
}

func atLeastOne(what, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf(`\watch: incorrect %s "%s"`, what, value)
	}
	return n, nil
}

// watchCommand runs the statement again and again.
func watchCommand(ctx context.Context, r *scriptRun, c *call) error {
	w, err := parseWatch(c.given, cmp.Or(r.Variables["WATCH_INTERVAL"], "2"))
	if err != nil {
		r.splitter.Reset()
		return r.wrong(err.Error())
	}
	query := r.take()
	if query == "" {
		return r.wrong(`\watch cannot be used with an empty query`)
	}
	pager, err := r.watchPager()
	if err != nil {
		return r.wrong(err.Error())
	}
	h := how{}
	if pager != nil {
		defer func() { _ = pager.close() }()
		h.out = pager.Writer
	} else {
		defer func() {
			r.stdout().WriteString("\n") // below the terminal's ^C
			r.stdout().Flush()
		}()
	}
	for n := 1; ; n++ {
		options := r.Options
		options.NoPager = true // the results come one after another
		options.Title = watchTitle(r.Options.Title, time.Now(), w.interval)
		h.options = &options
		if err := r.perform(ctx, query, h); err != nil {
			return err
		}
		if pager != nil && pager.file.err != nil {
			return nil // the user has left it
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

// watchPager starts the program that shows the results one after another, nil when none is wanted.
func (r *scriptRun) watchPager() (*destination, error) {
	program := r.Streams.Getenv("PSQL_WATCH_PAGER")
	if strings.TrimSpace(program) == "" || !r.interactive() || !r.Terminal.Screen || r.redirect != nil || r.Options.NoPager {
		return nil, nil
	}
	return r.Streams.open("|" + program)
}

func watchTitle(title string, now time.Time, interval time.Duration) string {
	text := fmt.Sprintf("%s (every %gs)\n", now.Format("Mon Jan _2 15:04:05 2006"), interval.Seconds())
	if title != "" {
		return title + "\t" + text
	}
	return text
}
