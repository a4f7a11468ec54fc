package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// othersMessages are messages in docs/troubleshooting.md that PostgreSQL or the system words.
var othersMessages = []string{
	"could not recover two-phase state file", "server does not support SSL", "could not load server certificate file", "password authentication failed",
	"could not open file ", ": Permission denied", ": permission denied", "role ", " does not exist", "extension ", " is not available",
	"backslash commands are restricted", "no space left on device", "No space left on device", "too many open files", "lock file ",
	"the database system is in recovery mode", "could not get server certificate hash",
}

var (
	quotedText  = regexp.MustCompile("\"([^|\"]+)\"|`([^`]+: [^`]+)`")
	placeholder = regexp.MustCompile("…|%[a-z]|`[^`]*`|\"[^\"]*\"|\\b[XYN]\\b")
	joinedText  = regexp.MustCompile("[\"`] *\\+\\s*[\"`]")
)

// TestTroubleshootingQuotesTheProgram: who searches for a message finds it, so each that is quoted is one of ours as the sources word it, or
// one of PostgreSQL's or the system's.
func TestTroubleshootingQuotesTheProgram(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	sources, used, checked := ourSources(t), map[string]bool{}, 0
	for line := range strings.Lines(string(document)) {
		symptom, _, row := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !row || !strings.HasPrefix(line, "| ") {
			continue
		}
		for _, m := range quotedText.FindAllStringSubmatch(symptom, -1) {
			for _, part := range placeholder.Split(m[1]+m[2], -1) {
				if part = strings.Trim(part, " ,:"); !strings.Contains(part, " ") {
					continue // what is left of a message with placeholders
				}
				checked++
				if i := slices.IndexFunc(othersMessages, func(text string) bool { return strings.Contains(part, strings.Trim(text, " ")) }); i >= 0 {
					used[othersMessages[i]] = true
				} else if !strings.Contains(sources, part) {
					t.Errorf("%q is no message of the program: %s", part, line)
				}
			}
		}
	}
	const fewest = 30
	if checked < fewest {
		t.Errorf("only %d messages were checked; of others %q", checked, slices.Sorted(maps.Keys(used)))
	}
}

// ourSources returns the program's sources without tests, with long texts put together.
func ourSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"), filepath.Ext(path) != ".go" && filepath.Ext(path) != ".c":
			return nil
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(joinedText.ReplaceAllString(all.String(), ""), `\\`, `\`)
}
