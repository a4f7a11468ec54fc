package kernel

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

const (
	truncates = vfs.O_WRONLY | vfs.O_CREAT | vfs.O_TRUNC
	appends   = vfs.O_WRONLY | vfs.O_CREAT | vfs.O_APPEND
)

func TestParseCommand(t *testing.T) {
	for _, c := range []struct {
		line     string
		words    []string
		redirect []redirection
	}{
		{"a", []string{"a"}, nil},
		{" \t a  b\tc \n", []string{"a", "b", "c"}, nil},
		{"\n a \n \n", []string{"a"}, nil},
		{`"a b" 'c d' e\ f`, []string{"a b", "c d", "e f"}, nil},
		{`a"b"'c'\d`, []string{"abcd"}, nil},
		{`"" '' x`, []string{"", "", "x"}, nil},
		{`"\"\\\$\` + "`" + `\x"`, []string{`"\$` + "`" + `\x`}, nil},
		{`'\"$*' '"' "'"`, []string{`\"$*`, `"`, "'"}, nil},
		{`'it'"'"'s' 'it'\''s'`, []string{"it's", "it's"}, nil},
		{"a \\\n b\\\nc \"d\\\ne\" \\\n", []string{"a", "bc", "de"}, nil},
		{"'a\nb' \"c\nd\"", []string{"a\nb", "c\nd"}, nil},
		{"a#b a~ a=b -x=~ -#", []string{"a#b", "a~", "a=b", "-x=~", "-#"}, nil},
		{"x A=1", []string{"x", "A=1"}, nil},
		{"1=x", []string{"1=x"}, nil},
		{"a{b,c} ! } ]", []string{"a{b,c}", "!", "}", "]"}, nil},
		{"ä ö", []string{"ä", "ö"}, nil},

		{"a >b", []string{"a"}, []redirection{{fd: 1, name: "b", flags: truncates, isFile: true}}},
		{"a>b", []string{"a"}, []redirection{{fd: 1, name: "b", flags: truncates, isFile: true}}},
		{"a2>b", []string{"a2"}, []redirection{{fd: 1, name: "b", flags: truncates, isFile: true}}},
		{"a '2'>b", []string{"a", "2"}, []redirection{{fd: 1, name: "b", flags: truncates, isFile: true}}},
		{"a 1>b", []string{"a"}, []redirection{{fd: 1, name: "b", flags: truncates, isFile: true}}},
		{"a 2> 'b c'd", []string{"a"}, []redirection{{fd: 2, name: "b cd", flags: truncates, isFile: true}}},
		{"a >>\tb 2>>c", []string{"a"}, []redirection{{fd: 1, name: "b", flags: appends, isFile: true}, {fd: 2, name: "c", flags: appends, isFile: true}}},
		{"a <b 0<c", []string{"a"}, []redirection{{fd: 0, name: "b", isFile: true}, {fd: 0, name: "c", isFile: true}}},
		{"<b >c a d", []string{"a", "d"}, []redirection{{fd: 0, name: "b", isFile: true}, {fd: 1, name: "c", flags: truncates, isFile: true}}},
		{"a >b 2>&1", []string{"a"}, []redirection{{fd: 1, name: "b", flags: truncates, isFile: true}, {fd: 2, dup: 1}}},
		{"a 2>&1 >b", []string{"a"}, []redirection{{fd: 2, dup: 1}, {fd: 1, name: "b", flags: truncates, isFile: true}}},
		{"a >&2 1>&2 <&0 3>&1", []string{"a"}, []redirection{{fd: 1, dup: 2}, {fd: 1, dup: 2}, {fd: 0, dup: 0}, {fd: 3, dup: 1}}},
		{"a 2>&1<b", []string{"a"}, []redirection{{fd: 2, dup: 1}, {fd: 0, name: "b", isFile: true}}},
		{"a 1 2", []string{"a", "1", "2"}, nil},
		{
			`"/bin/postgres" --check -F -c "max_connections=20" < "/dev/null" > "/dev/null" 2>&1`,
			[]string{"/bin/postgres", "--check", "-F", "-c", "max_connections=20"},
			[]redirection{{fd: 0, name: "/dev/null", isFile: true}, {fd: 1, name: "/dev/null", flags: truncates, isFile: true}, {fd: 2, dup: 1}},
		},
	} {
		got, ok := parseCommand(c.line)
		if !ok || !reflect.DeepEqual(got, shellCommand{c.words, c.redirect}) {
			t.Errorf("%q: %+v %v, want %q %+v", c.line, got, ok, c.words, c.redirect)
		}
	}
}

// needShell are command lines that need a real shell, or that none understands.
var needShell = []string{
	"", " ", "\n", ">a", "2>&1",
	"a | b", "a|b", "a && b", "a & ", "a;b", "(a)", "a `b`", "a $b", "a \"$b\"", "a \"`b`\"", "a *", "a b?", "a [b]",
	"a\nb", "a >b\nc", "a >\nb", "# a", "a # b", "~/a", "a ~", "A=1 b", "_a1=x",
	"a '", "a \"", "a \\", "a \"b\\", "a 'b\\'c'",
	"a >", "a 2>", "a <", "a <<b", "a <<-b", "a <>b", "a >|b", "a >&b", "a >&-", "a <&-", "a 2>&12", "a 2>&1b", "a 2>&", "a &>b", "a 12>b", "a 10>&1", "a > >b", "a >;",
}

func TestParseCommandThatNeedsAShell(t *testing.T) {
	for _, line := range needShell {
		if got, ok := parseCommand(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

// TestQuotingIsTheShells compares the words with those of the host's shell.
func TestQuotingIsTheShells(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this system")
	}
	compared := 0
	for _, seed := range quotingSeeds {
		compared += compareWithShell(t, sh, seed)
	}
	if compared < len(quotingSeeds) {
		t.Errorf("only %d of %d lines were compared", compared, len(quotingSeeds))
	}
}

var quotingSeeds = []string{
	`a b  c`, `"a b"c 'd e'f`, `\a\ b \\ \' \"`, `"\a\ \\ \" '"`, `'"\'x`, `"" ''x`, `a#b c~d`, "a\\\nb \"c\\\nd\" 'e\\\nf'", `a=b -c=~`, `"a	b" c	d`, `{ } ! ]`, `'it'"'"'s'`, "a \\\n\\\n b", `%s %d -n`,
}

func compareWithShell(t *testing.T, sh, line string) int {
	t.Helper()
	got, ok := parseCommand("x " + line)
	if !ok || len(got.redirect) > 0 {
		return 0
	}
	out, err := exec.Command(sh, "-c", `printf '%s\0' `+line).Output()
	if err != nil {
		t.Errorf("sh: %q: %v", line, err)
		return 0
	}
	if want := strings.Join(got.words[1:], "\x00") + "\x00"; string(out) != want {
		t.Errorf("%q: words %q, the shell's %q", line, want, out)
	}
	return 1
}

// FuzzParseCommand: no panic; what is taken apart, quoted again, is the same.
func FuzzParseCommand(f *testing.F) {
	for _, s := range append(needShell, quotingSeeds...) {
		f.Add(s)
	}
	f.Add(`"/bin/postgres" -c "x=1" < "/dev/null" > '/dev/null' 2>&1 3>>a`)
	f.Fuzz(func(t *testing.T, line string) {
		c, ok := parseCommand(line)
		if !ok {
			return
		}
		if len(c.words) == 0 {
			t.Fatal("a command without a word")
		}
		again, ok := parseCommand(quoted(c))
		if !ok || !reflect.DeepEqual(again, c) {
			t.Errorf("%q: %+v, quoted again %q: %+v %v", line, c, quoted(c), again, ok)
		}
	})
}

func quoted(c shellCommand) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	var b strings.Builder
	for _, w := range c.words {
		b.WriteString(quote(w) + " ")
	}
	for _, r := range c.redirect {
		b.WriteByte(byte('0' + r.fd))
		switch {
		case !r.isFile:
			b.WriteString(">&" + string(rune('0'+r.dup)) + " ")
		case r.flags == vfs.O_RDONLY:
			b.WriteString("<" + quote(r.name) + " ")
		case r.flags&vfs.O_APPEND != 0:
			b.WriteString(">>" + quote(r.name) + " ")
		default:
			b.WriteString(">" + quote(r.name) + " ")
		}
	}
	return b.String()
}
