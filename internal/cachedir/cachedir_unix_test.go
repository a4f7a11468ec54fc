//go:build unix

package cachedir

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// ground is a user's environment below a directory of its own.
type ground struct {
	dir, home, temp string
	env             map[string]string
}

// newGround sets the package's places, so its tests do not run beside each other.
func newGround(t *testing.T) *ground {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := &ground{dir: dir, home: filepath.Join(dir, "home"), temp: filepath.Join(dir, "tmp")}
	g.mkdir(t, g.home, 0o700)
	g.mkdir(t, g.temp, fs.ModeSticky|0o777)
	g.env = map[string]string{"HOME": g.home}
	oldTemp, oldSystem, oldHome := sharedTemp, systemDirs, homeOfUser
	sharedTemp, systemDirs, homeOfUser = g.temp, nil, func() string { return "" }
	t.Cleanup(func() { sharedTemp, systemDirs, homeOfUser = oldTemp, oldSystem, oldHome })
	return g
}

func (g *ground) Env() Env { return func(name string) string { return g.env[name] } }

// mkdir makes a directory of that mode, whatever the umask.
func (g *ground) mkdir(t *testing.T, dir string, mode fs.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

// private is the user's directory among the temporary files.
func (g *ground) private() string { return filepath.Join(g.temp, userDirName()) }

// below is where the system's kind of cache is below a home.
func below(home string) string { return filepath.Join(home, cacheKind.home, own) }

// file makes a file where a directory is wanted: a place that cannot be made, for root too.
func (g *ground) file(t *testing.T, name string) string {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCachePlaces(t *testing.T) {
	g := newGround(t)
	other := g.mkdir(t, filepath.Join(g.dir, "other"), 0o700)
	blocked := g.file(t, filepath.Join(g.dir, "file"))
	temporary := filepath.Join(g.private(), "cache", own)
	for _, test := range []struct {
		name, xdg, home, passwd, want string
	}{
		{"XDG first", other, g.home, "", filepath.Join(other, own)},
		{"a relative XDG is none", "other", g.home, "", below(g.home)},
		{"home", "", g.home, "", below(g.home)},
		{"no environment at all", "", "", "", temporary},
		{"the home of the user database", "", "", g.home, below(g.home)},
		{"/ is no home", "", "/", g.home, below(g.home)},
		{"/ is no home, and there is no other", "", "/", "/", temporary},
		{"a relative home is none", "", "home", "", temporary},
		{"a home that is a file", "", blocked, "", temporary},
		{"below a file", filepath.Join(blocked, "x"), filepath.Join(blocked, "y"), g.home, below(g.home)},
		{"a home to be made", "", filepath.Join(g.home, "new"), "", below(filepath.Join(g.home, "new"))},
	} {
		g.env = map[string]string{"XDG_CACHE_HOME": test.xdg, "HOME": test.home}
		homeOfUser = func() string { return test.passwd }
		if c := g.Env().Cache(); c.Dir != test.want || c.Err != nil || len(c.Shared) > 0 {
			t.Errorf("%s: %+v, want %s", test.name, c, test.want)
		}
	}
	if entries, err := os.ReadDir(g.temp); err != nil || len(entries) > 0 {
		t.Errorf("asking made %v, %v", entries, err)
	}
}

// TestNowhere: the error says what was tried and what to set.
func TestNowhere(t *testing.T) {
	g := newGround(t)
	sharedTemp = g.file(t, filepath.Join(g.dir, "no-temp"))
	g.env = map[string]string{"HOME": "/", "TMPDIR": filepath.Join(sharedTemp, "x")}
	c := g.Env().Cache()
	if c.Dir != "" || c.Err == nil {
		t.Fatalf("%+v", c)
	}
	for _, want := range []string{"set XDG_CACHE_HOME", `"/" is no home`, sharedTemp} {
		if !strings.Contains(c.Err.Error(), want) {
			t.Errorf("%v does not say %q", c.Err, want)
		}
	}
}

// TestTempOfOthers: a directory among the temporary files that others have planted is passed by.
func TestTempOfOthers(t *testing.T) {
	for name, plant := range map[string]func(g *ground) error{
		"open": func(g *ground) error { g.mkdir(t, g.private(), 0o755); return nil },
		"a link": func(g *ground) error {
			return os.Symlink(g.mkdir(t, filepath.Join(g.dir, "target"), 0o700), g.private())
		},
		"a link to one with a cluster": func(g *ground) error {
			g.mkdir(t, filepath.Join(g.dir, "target", "data", own), 0o700)
			return os.Symlink(filepath.Join(g.dir, "target"), g.private())
		},
		"open, with a cluster": func(g *ground) error {
			g.mkdir(t, filepath.Join(g.private(), "data", own), 0o700)
			g.mkdir(t, g.private(), 0o777)
			return nil
		},
		"a dangling link": func(g *ground) error { return os.Symlink(filepath.Join(g.dir, "none"), g.private()) },
		"a file":          func(g *ground) error { return os.WriteFile(g.private(), nil, 0o600) },
		"another's": func(g *ground) error {
			if os.Getuid() != 0 {
				t.Log("SKIPPED, NOTHING WAS TESTED: only root can give a directory away")
				return os.WriteFile(g.private(), nil, 0o600)
			}
			return os.Chown(g.mkdir(t, g.private(), 0o700), 4711, 4711)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			if err := plant(g); err != nil {
				t.Fatal(err)
			}
			g.env = map[string]string{}
			if c := g.Env().Cache(); c.Err == nil {
				t.Errorf("the cache would be in %s", c.Dir)
			}
			if dir, _, err := g.Env().Data(own, func(string) bool { return true }); err == nil {
				t.Errorf("the default cluster would be in %s", dir)
			}
			if err := MakePrivate(g.private()); err == nil {
				t.Error("it is taken for sockets")
			}
			second := g.mkdir(t, filepath.Join(g.dir, "second"), 0o700)
			g.env["TMPDIR"] = second
			if c := g.Env().Cache(); c.Dir != filepath.Join(second, userDirName(), "cache", own) {
				t.Errorf("with another TMPDIR: %+v", c)
			}
		})
	}
}

// TestTempTakenMeanwhile: somebody makes the user's directory after the place was checked and before anything is made
// there.
func TestTempTakenMeanwhile(t *testing.T) {
	for name, take := range map[string]func(g *ground) error{
		"open": func(g *ground) error { g.mkdir(t, g.private(), 0o777); return nil },
		"a link": func(g *ground) error {
			return os.Symlink(g.mkdir(t, filepath.Join(g.dir, "target"), 0o700), g.private())
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			t.Setenv("TMPDIR", g.temp)
			g.env = map[string]string{}
			c := g.Env().Cache()
			if c.Err != nil || !strings.HasPrefix(c.Dir, g.private()) {
				t.Fatalf("%+v", c)
			}
			if err := take(g); err != nil {
				t.Fatal(err)
			}
			run := filepath.Join(c.Dir, "run", own)
			for what, err := range map[string]error{
				"Make": Make(c.Dir, 0o755), "MakeAll": MakeAll(c.Dir), "MakePrivate": MakePrivate(run), "the directory itself": Make(g.private(), 0o755),
			} {
				if err == nil || !strings.Contains(err.Error(), g.private()) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if _, err := os.Stat(filepath.Join(g.private(), "cache")); err == nil {
				t.Error("it made something there")
			}
		})
	}
}

// TestMakeTemporary: where nobody has been, the user's directory is made for the user alone, whatever the mode of what
// is below.
func TestMakeTemporary(t *testing.T) {
	g := newGround(t)
	t.Setenv("TMPDIR", g.temp)
	dir := filepath.Join(g.private(), "cache", own)
	if err := Make(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if mode := mustStat(t, g.private()).Mode().Perm(); mode != above {
		t.Errorf("mode %o", mode)
	}
}

// TestDataBehindLink: a link in the user's own directory among the temporary files is no cluster's directory.
func TestDataBehindLink(t *testing.T) {
	g := newGround(t)
	g.env = map[string]string{}
	data := g.mkdir(t, filepath.Join(g.private(), "data"), 0o700)
	if err := os.Symlink(g.mkdir(t, filepath.Join(g.dir, "target"), 0o700), filepath.Join(data, own)); err != nil {
		t.Fatal(err)
	}
	if dir, _, err := g.Env().Data(own, func(string) bool { return true }); err == nil {
		t.Errorf("the default cluster would be in %s", dir)
	}
}

// TestTrust: what others may write to is not used, neither to write nor to read.
func TestTrust(t *testing.T) {
	g := newGround(t)
	g.mkdir(t, below(g.home), 0o755)
	if c := g.Env().Cache(); c.Dir != below(g.home) {
		t.Errorf("one that others may read: %+v", c)
	}
	for _, mode := range []fs.FileMode{0o775, 0o757, 0o777, fs.ModeSticky | 0o777} {
		g.mkdir(t, below(g.home), mode)
		if c := g.Env().Cache(); c.Dir == below(g.home) || len(c.Shared) > 0 {
			t.Errorf("mode %v: %+v", mode, c)
		}
		if err := Make(below(g.home), 0o755); err == nil {
			t.Errorf("mode %v: it is made use of", mode)
		}
	}
}

func TestTrustedTree(t *testing.T) {
	g := newGround(t)
	tree := g.mkdir(t, filepath.Join(g.dir, "tree", "below", "deep"), 0o755)
	file := g.file(t, filepath.Join(tree, "file"))
	dir := filepath.Join(g.dir, "tree")
	if err := TrustedTree(dir, "below", "absent"); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := TrustedTree(dir, "below"); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file that others may write to: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", file); err != nil {
		t.Fatal(err)
	}
	if err := TrustedTree(dir, "below"); err == nil || !strings.Contains(err.Error(), "link") {
		t.Errorf("a link: %v", err)
	}
}

// TestDataStays: a cluster that is there is not passed by.
func TestDataStays(t *testing.T) {
	g := newGround(t)
	want := filepath.Join(g.home, dataKind.home, own)
	none := func(string) bool { return false }
	if dir, temporary, err := g.Env().Data(own, none); dir != want || temporary || err != nil {
		t.Errorf("%q, %v, %v", dir, temporary, err)
	}
	g.env["HOME"] = "/"
	if dir, temporary, err := g.Env().Data(own, none); dir != filepath.Join(g.private(), "data", own) || !temporary || err != nil {
		t.Errorf("without a home: %q, %v, %v", dir, temporary, err)
	}
	slash := filepath.Join("/", dataKind.home, own)
	if dir, _, err := g.Env().Data(own, func(dir string) bool { return dir == slash }); dir != slash || err != nil {
		t.Errorf("with a cluster below /: %q, %v", dir, err)
	}
}

func TestTemp(t *testing.T) {
	g := newGround(t)
	other := g.mkdir(t, filepath.Join(g.dir, "other"), 0o700)
	for tmpdir, want := range map[string]string{"": g.temp, other: other, "relative": g.temp, filepath.Join(g.dir, "absent"): g.temp} {
		g.env["TMPDIR"] = tmpdir
		if got := g.Env().Temp(); got != want {
			t.Errorf("TMPDIR=%s: %s", tmpdir, got)
		}
	}
	sharedTemp = filepath.Join(g.dir, "absent")
	g.env["TMPDIR"] = ""
	if got := g.Env().Temp(); got != below(g.home) {
		t.Errorf("without temporary files: %s", got)
	}
}

func TestSockets(t *testing.T) {
	g := newGround(t)
	run := g.mkdir(t, filepath.Join(g.dir, "run"), 0o700)
	g.env["XDG_RUNTIME_DIR"] = run
	all := []string{filepath.Join(run, own), g.private(), filepath.Join(below(g.home), "run", own)}
	if got := g.Env().Sockets(1000); !slices.Equal(got, all) {
		t.Errorf("%q, want %q", got, all)
	}
	if got := g.Env().Sockets(len(all[0])); !slices.Equal(got, all[:1]) {
		t.Errorf("short ones: %q", got)
	}
	if got := g.Env().Sockets(1); !slices.Equal(got, all[2:]) {
		t.Errorf("none is short: %q", got)
	}
}

func TestConfig(t *testing.T) {
	g := newGround(t)
	homeOfUser = func() string { return "/home/of/user" }
	g.env["XDG_CONFIG_HOME"] = "/xdg"
	want := []string{"/xdg/pglite", filepath.Join(g.home, ".config/pglite"), "/home/of/user/.config/pglite"}
	if got := g.Env().Config(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := g.Env().Home(); got != g.home {
		t.Errorf("%q", got)
	}
}

// TestOfRoot: what root has made serves others to read, what others have made serves root for nothing.
func TestOfRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED, NOTHING WAS TESTED: only root can give directories away")
	}
	if runtime.GOOS != "linux" {
		t.Skip("system directories elsewhere belong to others")
	}
	g := newGround(t)
	if err := os.Chown(g.mkdir(t, below(g.home), 0o755), 4711, 4711); err != nil {
		t.Fatal(err)
	}
	if c := g.Env().Cache(); c.Dir == below(g.home) || len(c.Shared) > 0 {
		t.Errorf("another's cache: %+v", c)
	}
	if err := os.RemoveAll(below(g.home)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(g.home, 4711, 4711); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(g.home, ".cache")); err != nil {
		t.Fatal(err)
	}
	if c := g.Env().Cache(); c.Dir == below(g.home) {
		t.Errorf("root makes a cache in another's home: %+v", c)
	}
	if err := trusted("/usr", mustStat(t, "/usr")); err != nil {
		t.Error(err)
	}
}

func mustStat(t *testing.T, name string) fs.FileInfo {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}
