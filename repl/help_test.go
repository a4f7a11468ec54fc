package repl

import (
	"strings"
	"testing"
)

// TestManualPage checks the addresses of commands whose pages are not called by their names.
func TestManualPage(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"SELECT": "select", "ALTER TABLE": "altertable", "CREATE TABLE AS": "createtableas", "WITH": "select", "TABLE": "select",
		"ROLLBACK TO SAVEPOINT": "rollback-to", "COMMIT PREPARED": "commit-prepared", "SET TRANSACTION": "set-transaction",
		"SET SESSION AUTHORIZATION": "set-session-authorization", "DROP OWNED": "drop-owned", "CREATE OPERATOR CLASS": "createopclass",
		"ALTER TEXT SEARCH CONFIGURATION": "altertsconfig", "CREATE TEXT SEARCH DICTIONARY": "createtsdictionary",
		"RELEASE SAVEPOINT": "release-savepoint", "SECURITY LABEL": "security-label", "START TRANSACTION": "start-transaction",
	} {
		if got := manualPage(name); got != "https://www.postgresql.org/docs/18/sql-"+want+".html" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	for _, name := range sqlCommands {
		if page := manualPage(name); strings.ContainsAny(page, " _") || page != strings.ToLower(page) || len(name) > 33 {
			t.Errorf("%s: %s", name, page)
		}
	}
}
