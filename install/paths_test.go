package install

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/filetest"
)

// atHome gives the test a home of its own.
func atHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("LOCALAPPDATA", filepath.Join(home, "AppData"))
	return home
}

// dataHomeOf is where the systems' conventions put the user's data.
func dataHomeOf(home string) string {
	return filepath.Join(home, map[string]string{"darwin": "Library/Application Support", "windows": "AppData"}[runtime.GOOS])
}

func TestDefault(t *testing.T) {
	home := atHome(t)
	base := dataHomeOf(home)
	if base == home {
		base = filepath.Join(home, ".local", "share")
	}
	got, err := Default()
	if want := filepath.Join(base, "pglite", "data"); err != nil || got.Data != want {
		t.Errorf("%+v, %v; want %s", got, err, want)
	}
	if _, err := os.Stat(base); err == nil {
		t.Error("asking made a directory")
	}
	for _, layout := range []string{"pglite/base", "data", "tmp/pglite/base"} { // the older ones until there is data, and data from then on
		dir := filepath.Join(base, "pglite", filepath.FromSlash(layout))
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "PG_VERSION"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		want := filepath.Join(base, "pglite", "data")
		if layout == "pglite/base" {
			want = dir
		}
		if got, err := Default(); err != nil || got.Data != want {
			t.Errorf("with %s: %+v, %v; want %s", layout, got, err, want)
		}
	}
}

func TestDataHome(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("XDG")
	}
	home, other := atHome(t), t.TempDir()
	tests := []struct{ home, xdg, want string }{
		{home, "", home + "/.local/share/pglite/data"},
		{home, other, other + "/pglite/data"},
		{home, "relative", home + "/.local/share/pglite/data"}, // which the specification calls invalid
		{"", other, other + "/pglite/data"},
	}
	for _, test := range tests {
		t.Setenv("HOME", test.home)
		t.Setenv("XDG_DATA_HOME", test.xdg)
		if got, err := Default(); got.Data != test.want || err != nil || got.Temporary {
			t.Errorf("HOME=%q XDG_DATA_HOME=%q: %+v, %v; want %q", test.home, test.xdg, got, err, test.want)
		}
	}
}

// TestNoName: a data directory without a name is not the working directory.
func TestNoName(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, door := range map[string]func() (Installation, error){
		"InitWith":      func() (Installation, error) { return InitWith(t.Context(), Paths{Root: "x"}, Options{}) },
		"EnsureCluster": func() (Installation, error) { return EnsureCluster(t.Context(), Paths{}) },
		"InitIn":        func() (Installation, error) { return InitIn(t.Context(), "") },
	} {
		if m, err := door(); !errors.Is(err, errNoName) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	filetest.WantNames(t, ".")
}

func TestAppID(t *testing.T) {
	home := atHome(t)
	paths, err := AppID{Qualifier: "org", Organization: "Example", App: "My App"}.Paths()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"linux": home + "/.local/share/my-app", "darwin": home + "/Library/Application Support/org.Example.My-App",
		"windows": filepath.Join(home, "AppData", "Example", "My App"),
	}[runtime.GOOS]
	if paths.Root != want || paths.Data != filepath.Join(want, "pglite", "base") {
		t.Errorf("%+v, want root %s", paths, want)
	}
	for _, bad := range []AppID{{}, {App: ".."}, {App: "a/b"}, {App: `a\b`}, {App: "a", Organization: "../.."}, {App: "a\x00"}, {App: "C:"}, {App: "PGlite"}} {
		if paths, err := bad.Paths(); err == nil {
			t.Errorf("%+v is accepted: %+v", bad, paths)
		}
	}
}

// TestAt finds what is below a directory, a plain data directory first.
func TestAt(t *testing.T) {
	mark := func(dir string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("18\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	steps := []string{"", filepath.Join("pglite", "base"), filepath.Join("tmp", "pglite", "base"), "."}
	for _, step := range steps {
		if step != "" {
			mark(filepath.Join(root, step))
		}
		got, err := ResolvePaths(root)
		if want := filepath.Join(root, step); err != nil || got.Root != root || got.Data != want {
			t.Errorf("%+v, %v; want %s", got, err, want)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Log(err) // Windows wants a privilege for that
	} else if real, err := filepath.EvalSymlinks(link); err == nil && real == root {
		if got, err := ResolvePaths(link); err != nil || got.Data != root {
			t.Errorf("through a link: %+v, %v", got, err)
		}
	}
	if _, err := ResolvePaths(""); err == nil {
		t.Error("the empty name is accepted")
	}
	t.Chdir(root)
	if got, err := ResolvePaths("new"); err != nil || got.Data != filepath.Join(root, "new") {
		t.Errorf("a relative name: %+v, %v", got, err)
	}
}
