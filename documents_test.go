package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/assets"
)

// ourFile matches a file or a folder of the source tree between backquotes.
var ourFile = regexp.MustCompile("`((?:assets|cmd|docs|dump|engine|examples|hexdump|install|internal|pgtest|repl|runtime|scripts)" +
	"(?:/[A-Za-z0-9_.*-]+)*/?|[A-Za-z_]+\\.(?:go|md))`")

// TestDocumentsNameWhatIsThere: a map that leads nowhere is worse than none.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, document := range append(documents, "HACKING.md", "README.md", "RATIONALE.md", "runtime/README.md") {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Error(err)
		}
		for _, m := range ourFile.FindAllSubmatch(text, -1) {
			name := string(m[1])
			if filepath.Dir(name) == "." && strings.HasSuffix(name, ".go") && document != "HACKING.md" {
				continue // beside a folder that the sentence has named
			}
			checked++
			if document == "HACKING.md" && name == "memfile.go" || name == "dirfile.go" {
				name = "engine/internal/vfs/" + name
			}
			if found, err := filepath.Glob(name); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", document, name)
			}
		}
	}
	const fewest = 60
	if checked < fewest {
		t.Errorf("only %d names were checked", checked)
	}
}

// TestReadmeProgram runs the program in README's section on the library, as a reader would who has copied it.
func TestReadmeProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := bytes.Cut(readme, []byte("```go\n"))
	program, _, ended := bytes.Cut(rest, []byte("```"))
	if !found || !ended || !bytes.HasPrefix(program, []byte("package main")) {
		t.Fatal("README.md has no Go program")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, program, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "program")
	if out, err := exec.Command("go", "build", "-o", binary, file).CombinedOutput(); err != nil {
		t.Fatalf("it does not compile: %v\n%s", err, out)
	}
	archive, embedded := assets.Open()
	if !embedded {
		t.Skip("SKIPPED: the program was compiled but not run, because no runtime is embedded: make runtime")
	}
	defer archive.Close()
	run := exec.Command(binary)
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "PostgreSQL 1") {
		t.Errorf("error %v, it printed %q", err, out)
	}
}
