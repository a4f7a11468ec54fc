package cmd

import (
	"strings"
	"testing"
)

// TestMan: the page has every command and every option of its help, and the date that it is told.
func TestMan(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	code := run([]string{"pglite", "man"}, Streams{Out: &out, Err: &errs, Env: []string{"SOURCE_DATE_EPOCH=86400"}}, production())
	if code != exitOK || errs.String() != "" {
		t.Fatalf("exit code %d, %s", code, errs.String())
	}
	page := out.String()
	if !strings.HasPrefix(page, ".TH PGLITE 1 1970-01-02 ") {
		t.Errorf("it begins with %.40q", page)
	}
	p := &program{backend: production()}
	commands := p.app().Commands
	if len(commands) < 10 {
		t.Fatalf("there are only %d commands", len(commands))
	}
	for _, c := range commands {
		if !strings.Contains(page, `.SS "pglite `+c.Name+` \- `) {
			t.Errorf("%s is not there", c.Name)
		}
		for _, flag := range c.Flags {
			for _, name := range flag.Names() {
				if len(name) > 1 && !strings.Contains(page, `\-\-`+strings.ReplaceAll(name, "-", `\-`)) {
					t.Errorf("%s: --%s is not there", c.Name, name)
				}
			}
		}
	}
}

func TestManRefusesADate(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	code := run([]string{"pglite", "man"}, Streams{Out: &out, Err: &errs, Env: []string{"SOURCE_DATE_EPOCH=today"}}, production())
	if code != exitFailure || !strings.Contains(errs.String(), `SOURCE_DATE_EPOCH is "today"`) || out.String() != "" {
		t.Errorf("exit code %d, %q, %q", code, errs.String(), out.String())
	}
}
