package manpage

import (
	"strings"
	"testing"
	"time"
)

func TestPage(t *testing.T) {
	t.Parallel()
	page := Page{
		Program: Section{
			Name: "pglite", Purpose: "PostgreSQL in one file", Usage: "pglite command", Description: "Does it all.",
			Options: []Item{{"-v", "say more"}},
		},
		Commands: []Section{{
			Name: "pglite exec", Purpose: "run SQL", Usage: "pglite exec [options] [SQL…]",
			Description: "Runs SQL.\n\nExamples:\n   pglite exec 'SELECT 1'",
			Options:     []Item{{"-c, --command SQL", "run the query string SQL"}, {"--quiet", "say nothing"}},
		}},
		Exit: []Item{{"0", "all went well"}}, Version: "pglite v1.2.3", SeeAlso: []string{"psql", "pg_dump"},
		Date: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC),
	}
	want := strings.Join([]string{
		`.TH PGLITE 1 2026-11-30 "pglite v1.2.3" "User Commands"`,
		".SH NAME", `pglite \- PostgreSQL in one file`, ".SH SYNOPSIS", ".PP", ".B pglite command",
		".SH DESCRIPTION", ".PP", "Does it all.", `.SH "GLOBAL OPTIONS"`, ".TP", `.B \-v`, "say more", ".SH COMMANDS",
		`.SS "pglite exec \- run SQL"`, ".PP", ".B pglite exec [options] [SQL…]",
		".PP", "Runs SQL.", ".PP", "Examples:", ".RS 4", ".nf", `pglite exec \(aqSELECT 1\(aq`, ".fi", ".RE",
		".TP", `.B \-c, \-\-command SQL`, "run the query string SQL", ".TP", `.B \-\-quiet`, "say nothing",
		`.SH "EXIT STATUS"`, ".TP", ".B 0", "all went well", `.SH "SEE ALSO"`, ".BR psql (1),", `.BR pg_dump (1)`, "",
	}, "\n")
	var got strings.Builder
	if err := page.Write(&got); err != nil || got.String() != want {
		t.Errorf("error %v, got\n%s\nwant\n%s", err, got.String(), want)
	}
}

func TestFooter(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"pglite v1.2.3": "pglite v1.2.3", "pglite v1.2.3-rc1": "pglite v1.2.3-rc1",
		"pglite v0.0.0-20261124044655-6dd1cdb0bc9b": "pglite v0.0.0-20261124044655",
	} {
		if got := footer(version); got != want {
			t.Errorf("%s: got %q", version, got)
		}
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		".profile": `\&.profile`, `\d`: `\ed`, "'x' -": `\(aqx\(aq \-`, "~^`": `\(ti\(ha\(ga`, "plain": "plain",
	} {
		if got := escape(text); got != want {
			t.Errorf("escape(%q) = %q, want %q", text, got, want)
		}
	}
}
