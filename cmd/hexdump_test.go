//go:build unix

package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHexdump shows an exchange, records it, and shows the record; a password is in none of them.
func TestHexdump(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	capture := filepath.Join(t.TempDir(), "c.cap")
	const secret = "hidden"
	live := succeed(t, "", "-D", data, "hexdump", "--decode", "--record", capture, "SELECT 42 AS a", "CREATE ROLE r PASSWORD '"+secret+"'")
	for _, want := range []string{"-> StartupMessage", "<- ReadyForQuery", `-> Query "String":"SELECT 42 AS a"`, `"Values":[{"text":"42"}]`, "-> Terminate"} {
		if !strings.Contains(live, want) {
			t.Errorf("no %q in\n%s", want, live)
		}
	}
	if strings.Contains(live, secret) {
		t.Errorf("the password is shown:\n%s", live)
	}
	if again := succeed(t, "", "hexdump", "--decode", "-f", capture); again != live {
		t.Errorf("the record differs: %s", firstDifference(again, live))
	}
	if got := succeed(t, "Z\x00\x00\x00\x05I", "hexdump", "-"); !strings.HasPrefix(got, "<- ReadyForQuery 'Z', 6 bytes\n<- 0000  5a") {
		t.Errorf("standard input: %s", got)
	}
	succeed(t, "", "-D", data, "exec", "--record", capture, "-c", "SELECT 'recorded'")
	if got := succeed(t, "", "hexdump", "--decode", "-f", capture); !strings.Contains(got, `"Values":[{"text":"recorded"}]`) {
		t.Errorf("exec --record: %s", got)
	}
	got := succeed(t, "SELECT 'typed';\n\\c - -\nCREATE ROLE s PASSWORD '"+secret+"';\n", "-D", data, "repl", "-X", "--record", capture)
	if !strings.Contains(got, "typed") {
		t.Errorf("repl: %s", got)
	}
	for _, want := range []string{`-> Query "String":"SELECT 'typed';"`, "#1 -> StartupMessage", `#1 -> Query "String":"CREATE ROLE s PASSWORD '******';"`, "#1 -> Terminate"} {
		if got := succeed(t, "", "hexdump", "--decode", "-f", capture); !strings.Contains(got, want) {
			t.Errorf("repl --record: no %q in\n%s", want, got)
		}
	}
	if b, err := os.ReadFile(capture); err != nil || bytes.Contains(b, []byte(secret)) {
		t.Errorf("the file holds the password, or %v", err)
	}
	before, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"hexdump", "exec", "repl"} {
		if r := enginePglite(t, "", "-D", capture, command, "--record", capture, "SELECT 1"); r.code == exitOK {
			t.Errorf("%s of no cluster: %s", command, r.stdout)
		}
		if after, err := os.ReadFile(capture); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s that finds no cluster has changed the file, or %v", command, err)
		}
	}
	r := enginePglite(t, "", "-D", data, "hexdump", "--raw", "--limit", "1", "SELECT nonsense", "COPY pg_class FROM STDIN")
	if r.code != exitScript || strings.Contains(r.stdout, "Query 'Q'") || !strings.Contains(r.stdout, "more bytes") {
		t.Errorf("exit code %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestBackupAndInit makes a cluster from a backup of another, in each kind of file.
func TestBackupAndInit(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	dir := t.TempDir()
	succeed(t, "", "-D", data, "exec", "-q", "CREATE TABLE t AS SELECT 42 AS a")
	for _, name := range []string{"b.tar", "b.tar.gz", "b.tar.xz"} {
		file, copied := filepath.Join(dir, name), filepath.Join(dir, name+".data")
		succeed(t, "", "-D", data, "backup", file)
		succeed(t, "", "init", "--from", file, copied)
		if got := succeed(t, "", "-D", copied, "exec", "-At", "TABLE t"); got != "42\n" {
			t.Errorf("%s: %q", name, got)
		}
		if r := enginePglite(t, "", "-D", data, "backup", file); r.code != exitFailure || !strings.Contains(r.stderr, "does not overwrite") {
			t.Errorf("again: exit code %d: %s", r.code, r.stderr)
		}
		if r := enginePglite(t, "", "-D", data, "restore", file); r.code != exitFailure || !strings.Contains(r.stderr, "init --from") {
			t.Errorf("restore: exit code %d: %s", r.code, r.stderr)
		}
	}
	if got := succeed(t, "", "-D", data, "extension", "list", "--json"); !strings.Contains(got, `"name":"hstore"`) && !strings.Contains(got, `"name": "hstore"`) {
		t.Errorf("extensions: %s", got)
	}
}
