//go:build unix

package cmd

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDescribesLikePsql compares the \d commands and those about formats with psql of the runtime, on one cluster.
func TestDescribesLikePsql(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the server and runs psql many times")
	}
	b := memoryBackend(t)
	objects, err := os.ReadFile("testdata/describe/objects.sql")
	if err != nil {
		t.Fatal(err)
	}
	if made := runInput(b, "repl", string(objects), "-X", "-q", "-v", "ON_ERROR_STOP=1"); made.code != exitOK {
		t.Fatalf("%+v", made)
	}
	commands, err := os.ReadFile("testdata/describe/commands.txt")
	if err != nil {
		t.Fatal(err)
	}
	scripts := strings.Split(strings.TrimSpace(string(commands)), "\n\n")
	if len(scripts) < 5 {
		t.Fatalf("only %d groups of commands", len(scripts))
	}
	for _, script := range scripts {
		name, _, _ := strings.Cut(script, "\n")
		t.Run(strings.TrimLeft(name, `\`), func(t *testing.T) {
			got, want := runInput(b, "repl", script+"\n", "-X"), runInput(b, "tool", script+"\n", "psql", "-X")
			if want.stdout == "" {
				t.Errorf("psql prints nothing: %s", want.stderr)
			}
			got.stdout, want.stdout = watchTimes.ReplaceAllString(got.stdout, "TIME"), watchTimes.ReplaceAllString(want.stdout, "TIME")
			sameLines(t, "standard output", got.stdout, want.stdout)
			sameLines(t, "standard error", got.stderr, strings.ReplaceAll(want.stderr, "psql:", "pglite:"))
		})
	}
}

// sameLines compares two texts and shows where they part.
func sameLines(t *testing.T, what, got, want string) {
	t.Helper()
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		if i < len(a) && i < len(b) && a[i] == b[i] {
			continue
		}
		around := func(lines []string) string {
			return strings.Join(lines[min(max(0, i-3), len(lines)):min(i+4, len(lines))], "$\n")
		}
		t.Errorf("%s, line %d\npglite:\n%s\npsql:\n%s", what, i+1, around(a), around(b))
		return
	}
}

// watchTimes are the times that change from run to run.
var watchTimes = regexp.MustCompile(`(?m)^(Time: [0-9.]+ ms|[A-Z][a-z]{2} [A-Z][a-z]{2} .* \(every .*\))$`)

// runInput runs a command with input.
func runInput(b backend, command, stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"pglite", command}, args...), Streams{In: strings.NewReader(stdin), Out: &stdout, Err: &stderr}, b)
	return result{stdout.String(), stderr.String(), code}
}
