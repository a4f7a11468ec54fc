package emscripten

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// machines are the imports that the engine which executes a program provides itself; the first has no parameters
// either.
var machines = map[string]string{"env._emscripten_throw_longjmp": ":", "pglite.yield": ":"}

// libc reads a file of the C library that programs are linked with.
func libc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "runtime", "libc", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// provided returns the signatures of all imports by module and name, those of the machine too.
func provided() map[string]string {
	all := maps.Clone(machines)
	for module, calls := range Imports() {
		for name, f := range calls {
			all[module+"."+name] = f.Signature
		}
	}
	return all
}

// TestImportsAreThoseOfTheLinker: what a module may leave undefined, by imports.txt, is what the host has, and nothing
// else is.
func TestImportsAreThoseOfTheLinker(t *testing.T) {
	t.Parallel()
	var want []string
	for _, name := range strings.Fields(libc(t, "imports.txt")) {
		if call, ok := strings.CutPrefix(name, "__wasi_"); ok {
			want = append(want, "wasi_snapshot_preview1."+call)
		} else {
			want = append(want, "env."+name)
		}
	}
	slices.Sort(want)
	got := slices.DeleteFunc(slices.Sorted(maps.Keys(provided())), func(name string) bool { return strings.HasPrefix(name, "pglite.") })
	if len(want) < 40 || !slices.Equal(got, want) {
		t.Errorf("the host has\n%s\nand imports.txt has\n%s", strings.Join(got, " "), strings.Join(want, " "))
	}
}

// TestImportsAreThoseOfTheHeader: the functions of module pglite are those of abi.h, with the same parameters and
// results.
func TestImportsAreThoseOfTheHeader(t *testing.T) {
	t.Parallel()
	declaration := regexp.MustCompile(`(?m)^HOST\((\w+)\) (.*?) ?\*?host_(\w+)\((.*)\);`)
	want := map[string]string{}
	for _, m := range declaration.FindAllStringSubmatch(libc(t, "abi.h"), -1) {
		if m[1] != m[3] {
			t.Errorf("host_%s is imported as %s", m[3], m[1])
		}
		want["pglite."+m[1]] = signature(m[4], strings.TrimPrefix(m[2], "_Noreturn "))
	}
	if n := strings.Count(libc(t, "abi.h"), "\nHOST("); len(want) != n || n < 30 {
		t.Fatalf("of %d declarations in abi.h %d are understood", n, len(want))
	}
	got := provided()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s is %q, and %q in abi.h", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, declared := want[name]; !declared && strings.HasPrefix(name, "pglite.") {
			t.Errorf("%s is not in abi.h", name)
		}
	}
}

// signature returns the signature, as hostcall.Func has it, of a C function on wasm32.
func signature(parameters, result string) string {
	letter := func(declared string) string {
		switch {
		case declared == "void":
			return ""
		case strings.Contains(declared, "int64_t") && !strings.Contains(declared, "*"):
			return "j"
		}
		return "i"
	}
	var s strings.Builder
	for parameter := range strings.SplitSeq(parameters, ",") {
		s.WriteString(letter(strings.TrimSpace(parameter)))
	}
	return s.String() + ":" + letter(result)
}
