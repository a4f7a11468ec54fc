package main

import (
	"reflect"
	"strings"
	"testing"
)

const execHelp = `NAME:
   pglite exec - run SQL

USAGE:
   pglite exec [options] [SQL…]

DESCRIPTION:
   Runs SQL.

   Examples:
      pglite exec 'SELECT 1'

OPTIONS:
   -c, --command SQL  run the query string SQL
       --quiet        say nothing
   -h, --help         show help
`

func TestParseHelp(t *testing.T) {
	got, err := parseHelp(execHelp)
	if err != nil {
		t.Fatal(err)
	}
	want := help{
		name: "pglite exec", purpose: "run SQL",
		usage:       []string{"pglite exec [options] [SQL…]"},
		description: []string{"Runs SQL.", "", "Examples:", "   pglite exec 'SELECT 1'"},
		options:     []described{{"-c, --command SQL", "run the query string SQL"}, {"--quiet", "say nothing"}, {"-h, --help", "show help"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("parsed %+v, want %+v", got, want)
	}
}

func TestParseHelpErrors(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":   "",
		"no usage":  "NAME:\n   pglite - x\n",
		"no name":   "USAGE:\n   pglite\n",
		"torn list": strings.Replace(execHelp, "       --quiet", "\n       --quiet", 1),
	} {
		if _, err := parseHelp(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestManualOfACommand(t *testing.T) {
	h, err := parseHelp(execHelp)
	if err != nil {
		t.Fatal(err)
	}
	var m manual
	m.command(h)
	want := strings.Join([]string{
		`.SS "pglite exec \- run SQL"`, ".PP", ".B pglite exec [options] [SQL…]",
		".PP", "Runs SQL.", ".PP", "Examples:", ".RS 4", ".nf", `pglite exec \(aqSELECT 1\(aq`, ".fi", ".RE",
		".TP", `.B \-c, \-\-command SQL`, "run the query string SQL",
		".TP", `.B \-\-quiet`, "say nothing",
		".TP", `.B \-h, \-\-help`, "show help", "",
	}, "\n")
	if got := m.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFooter(t *testing.T) {
	for version, want := range map[string]string{
		"pglite v1.2.3": "pglite v1.2.3", "pglite v1.2.3-rc1": "pglite v1.2.3-rc1",
		"pglite v0.0.0-20261124044655-6dd1cdb0bc9b": "pglite v0.0.0-20261124044655",
	} {
		if got := footer(version); got != want {
			t.Errorf("%s: got %q", version, got)
		}
	}
}

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		".profile": `\&.profile`, `\d`: `\ed`, "'x' -": `\(aqx\(aq \-`, "~^`": `\(ti\(ha\(ga`, "plain": "plain",
	} {
		if got := roff(text); got != want {
			t.Errorf("roff(%q) = %q, want %q", text, got, want)
		}
	}
}
