//go:build unix

package cmd

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestInitTakesAll: options before the command's name are init's as those after it, and what init cannot do it says.
func TestInitTakesAll(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	dir := filepath.Join(home, "db")
	must(t, "--set", "work_mem=7MB", "-U", "owner", "init", dir)
	if got := must(t, "-D", dir, "-U", "owner", "exec", "-At", "-c", "SELECT current_user, current_setting('work_mem')"); got != "owner|7MB\n" {
		t.Errorf("got %q", got)
	}
	code, stdout, stderr := pglite(t, "init", "--encoding=LATIN1", "-k", dir)
	if code != exitOK || !strings.Contains(stdout, "cluster: reused") || stderr != "pglite: the cluster was there already: --encoding, --data-checksums changed nothing\n" {
		t.Errorf("%d, %q, %q", code, stdout, stderr)
	}
	for _, backup := range []string{missing(t), filepath.Join(dir, "PG_VERSION")} {
		wantRefusal(t, `^pglite: ".*/db" holds a cluster already, which the backup ".*" does not replace: name a new directory\n$`, "init", "--from", backup, dir)
	}
	for want, args := range map[string][]string{
		"two directories are given: a with -D, and b":                        {"-D", "a", "init", "b"},
		"2 directories are given":                                            {"init", "a", "b"},
		"init has no option --waldir: the server sees nothing outside":       {"init", "--waldir=/x", "a"},
		"init has no option -X: the server sees nothing outside":             {"init", "-X", "/x", "a"},
		"init has no option --icu-locale: the runtime has no ICU":            {"init", "--icu-locale", "de", "a"},
		"init has no option --show: pglite tool initdb has it":               {"init", "--show"},
		"init --runtime-only makes no cluster":                               {"--set=x=y", "init", "--runtime-only"},
		"--pwprompt needs a terminal to ask at: use --pwfile FILE":           {"init", "-W", "a"},
		"init --from takes the cluster as it was backed up: initdb's option": {"-U", "me", "init", "--from", "x", "a"},
		"unknown option --waldir":                                            {"exec", "--waldir"},
	} {
		code, stdout, stderr := pglite(t, args...)
		if code != exitFailure || stdout != "" || !strings.HasPrefix(stderr, "pglite: ") || !strings.Contains(stderr, want) || !strings.Contains(stderr, "Usage: ") {
			t.Errorf("%q: %d, %q, %q", args, code, stdout, stderr)
		}
	}
	if got := (place{}).with("PGLITE_DATA="+filepath.Join(home, "elsewhere")).must(t, "init", dir); !strings.Contains(got, dir) {
		t.Errorf("the argument does not win over the environment: %s", got)
	}
}

// TestInitdbKnowsAll: each option of the real initdb is one of init's or has a reason.
func TestInitdbKnowsAll(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	known := map[string]bool{"version": true, "help": true}
	for _, f := range initdbFlags() {
		for _, name := range f.Names() {
			known[name] = true
		}
	}
	count := 0
	for line := range strings.Lines(must(t, "tool", "initdb", "--help")) {
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ,[]=\n", r) }) {
			if name, long := strings.CutPrefix(word, "--"); long {
				count++
				if !known[name] && refusedByInit[name] == "" {
					t.Errorf("initdb has --%s; init has neither it nor a reason", name)
				}
			}
		}
	}
	if count < 30 {
		t.Errorf("only %d options were read", count)
	}
}

// TestPasswordPrompt types a password at a terminal.
func TestPasswordPrompt(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	program, err := exec.LookPath("pglite")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "db")
	for _, typed := range [][2]string{{"horse", "hose"}, {"", ""}, {"hor\x03", ""}, {"horse", "horse"}} {
		c := exec.Command(program, "init", "--pwprompt", "--auth=scram-sha-256", dir)
		c.Env = append(os.Environ(), "TMPDIR="+home)
		terminal, err := pty.Start(c)
		if err != nil {
			t.Fatal(err)
		}
		var screen strings.Builder
		waitFor := func(prompt string) {
			b := make([]byte, 1)
			for !strings.HasSuffix(screen.String(), prompt) {
				if _, err := terminal.Read(b); err != nil {
					t.Fatalf("%v after %q", err, screen.String())
				}
				screen.Write(b)
			}
		}
		waitFor("Enter new superuser password: ")
		_, _ = io.WriteString(terminal, typed[0]+"\n")
		if !strings.Contains(typed[0], "\x03") {
			waitFor("Enter it again: ")
			_, _ = io.WriteString(terminal, typed[1]+"\n")
		}
		_, _ = io.Copy(&screen, terminal)
		err = c.Wait()
		_ = terminal.Close()
		if strings.Contains(screen.String(), "horse") {
			t.Error("the password is shown")
		}
		if fine := typed[0] != "" && typed[0] == typed[1]; fine != (err == nil) {
			t.Errorf("typed %q: %v\n%s", typed, err, screen.String())
		}
	}
	if code, _, _ := pglite(t, "-D", dir, "exec", "SELECT 1"); code != exitConnection {
		t.Errorf("without a password: exit code %d", code)
	}
	place{}.with("PGPASSWORD=horse").must(t, "-D", dir, "exec", "SELECT 1")
	if left, _ := filepath.Glob(filepath.Join(home, "pglite-*")); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
}
