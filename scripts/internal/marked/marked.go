// Package marked writes what a script has found out into a document.
package marked

import (
	"fmt"
	"os"
	"strings"
)

// Replace puts text into a Markdown file, between the two markers of the script, such as scripts/load.
func Replace(file, script, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := "<!-- begin of what "+script+" writes -->\n", "<!-- end of what "+script+" writes -->\n"
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has not the two markers of %s", file, script)
	}
	return os.WriteFile(file, []byte(before+begin+text+end+after), 0o644)
}
