package repl

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestStreams checks that programs get the session's streams, environment and directory, and that the process keeps its
// own.
func TestStreams(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of a Unix shell")
	}
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as pwd prints it
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Getwd()
	var programs, failures bytes.Buffer
	streams := Streams{In: strings.NewReader("typed"), Out: &programs, Err: &failures, Env: []string{"A=0", "A=1", "HOME=" + dir}, Dir: dir}
	script := `\! cat; echo " $A"; echo wrong >&2
\setenv A 2
\setenv REPL_TEST_B 3
\! echo $A$REPL_TEST_B
\getenv a A
\setenv A
\! echo "[$A]"
\cd sub
\! pwd
\o out.txt
\qecho to the file
\o
\i out2.sql
\cd ~
\! pwd
\cd nowhere
` + "\\echo :a `echo $REPL_TEST_B; pwd`\n"
	if err := os.WriteFile(filepath.Join(dir, "sub", "out2.sql"), []byte("\\echo included\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, _ := played(t, func(*fakeServer) error { return nil }, func(s *Session) error {
		s.Streams, s.Continue, s.Variables = streams, true, Variables{}
		return s.Script(t.Context(), lex.NewInput(strings.NewReader(script)), "")
	})
	want := "typed 1\n23\n[]\n" + dir + "/sub\n" + dir + "\n"
	if programs.String() != want || failures.String() != "wrong\n" {
		t.Errorf("programs wrote %q and %q, want %q", programs.String(), failures.String(), want)
	}
	if stdout != "included\n2 3\n"+dir+"\n" || !strings.Contains(stderr, `could not change directory to "nowhere"`) {
		t.Errorf("the session wrote %q and %q", stdout, stderr)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "sub", "out.txt")); err != nil || string(text) != "to the file\n" {
		t.Errorf(`\o wrote %q, error %v`, text, err)
	}
	if after, _ := os.Getwd(); after != before || os.Getenv("REPL_TEST_B") != "" {
		t.Error("the process has changed")
	}
}

// TestStreamsZero checks that what has no streams writes nowhere.
func TestStreamsZero(t *testing.T) {
	t.Parallel()
	s := &Streams{}
	if c := s.shell("x"); c.Stdin != nil || c.Stdout != nil || c.Stderr != nil || c.Dir != "" {
		t.Errorf("a program gets %+v", c)
	}
	if err := s.Setenv("REPL_TEST_C", "1"); err != nil || s.Getenv("REPL_TEST_C") != "1" || os.Getenv("REPL_TEST_C") != "" {
		t.Errorf("Setenv: error %v", err)
	}
	if s.Unsetenv("REPL_TEST_C"); s.Getenv("REPL_TEST_C") != "" {
		t.Error("Unsetenv keeps the variable")
	}
	for _, name := range []string{"", "a=b", "a\x00"} {
		if s.Setenv(name, "") == nil {
			t.Errorf("Setenv takes the name %q", name)
		}
	}
}
