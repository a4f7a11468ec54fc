package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/assets"
)

// source copies what a release is made of: what git knows, as it lies here, and what is built into programs.
func source(t *testing.T) string {
	t.Helper()
	root := filepath.Join("..", "..", "..")
	dir := filepath.Join(t.TempDir(), "src")
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Skipf("SKIPPED: this is no git checkout: %v", err)
	}
	built, err := filepath.Glob(filepath.Join(root, "assets", "pglite-runtime.*"))
	if err != nil || len(built) == 0 {
		t.Fatalf("assets: %v, %v", built, err)
	}
	all := strings.Split(strings.TrimSuffix(string(names), "\x00"), "\x00")
	for _, name := range built {
		all = append(all, filepath.Join("assets", filepath.Base(name)))
	}
	for _, name := range all {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // it has been removed and not committed
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestGoGet does what a stranger does: go get in an empty module, from the tree alone, run the program of examples/stranger, and its tests. The other modules come from the
// local module cache, which is a proxy's tree too.
func TestGoGet(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED: it compiles all packages")
	}
	archive, embedded := assets.Open()
	if !embedded {
		t.Skip("SKIPPED: no runtime is embedded: make runtime")
	}
	_ = archive.Close()
	tree, work := filepath.Join(t.TempDir(), "proxy"), filepath.Join(t.TempDir(), "hello")
	if err := writeModule(tree, source(t), "v1.2.3", time.Unix(1, 0).UTC()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	downloads := filepath.Join(strings.TrimSpace(string(cache)), "cache", "download")
	env := append(os.Environ(), "GOWORK=off", "GOFLAGS=-modcacherw", "GOSUMDB=off", "CGO_ENABLED=0", "GOMODCACHE="+t.TempDir(),
		fmt.Sprintf("GOPROXY=file://%s,file://%s", filepath.ToSlash(tree), filepath.ToSlash(downloads)))
	run := func(name string, args ...string) string {
		t.Helper()
		command := exec.Command(name, args...)
		command.Dir, command.Env = work, env
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("go", "mod", "init", "example.com/stranger")
	for _, name := range []string{"main.go", "stranger_test.go"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "stranger", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(work, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pgx, err := exec.Command("go", "list", "-m", "-f", "{{.Path}}@{{.Version}}", "github.com/jackc/pgx/v5").Output()
	if err != nil {
		t.Fatal(err)
	}
	run("go", "get", "github.com/pglite-toolbox/pglite/embedded@v1.2.3", "github.com/pglite-toolbox/pglite/pgtest@v1.2.3", strings.TrimSpace(string(pgx)))
	run("go", "build", "-o", "hello", ".")
	if got := run(filepath.Join(work, "hello")); !strings.HasPrefix(got, "PostgreSQL 1") {
		t.Errorf("it printed %q", got)
	}
	run("go", "test", ".")
}

// TestWriteModuleVersion: the go command finds no module of another version.
func TestWriteModuleVersion(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	if err := os.WriteFile(filepath.Join(src, "go.mod"), []byte("module example.com/m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for version, right := range map[string]bool{"v1.2.3": true, "v0.0.0-20261123070646-443273120127": true, "1.2.3": false, "v1.2": false, "": false, "v1.2.3+x": false} {
		err := writeModule(filepath.Join(t.TempDir(), "tree"), src, version, time.Unix(1, 0))
		if (err == nil) != right {
			t.Errorf("%q: %v", version, err)
		}
	}
}
