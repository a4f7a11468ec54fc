// Package examples has programs that show the library; its test runs them.
package examples

import (
	"bufio"
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/assets"
)

const patience = 5 * time.Minute

// command builds an example and returns a run of it with a home of its own for data. The cache stays: PostgreSQL is compiled once.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	archive, ok := assets.Open()
	if !ok {
		t.Skip("SKIPPED: no runtime is embedded: make runtime")
	}
	_ = archive.Close()
	dir := t.TempDir()
	binary := filepath.Join(dir, name)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, binary, args...)
	c.Env = append(os.Environ(), "XDG_DATA_HOME="+filepath.Join(dir, "data"), "LOCALAPPDATA="+filepath.Join(dir, "data"))
	if runtime.GOOS == "darwin" {
		c.Env = append(c.Env, "HOME="+dir)
	}
	return c
}

// TestRuntimeShowcase: the first run makes the cluster, and the second reuses it.
func TestRuntimeShowcase(t *testing.T) {
	t.Parallel()
	first := command(t, "runtime-showcase")
	second := exec.Command(first.Path)
	second.Env = first.Env
	check(t, first, "false")
	check(t, second, "true")
}

func check(t *testing.T, c *exec.Cmd, reused string) {
	t.Helper()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`(?m)^mount root: .*pglite$`, `(?m)^reused existing install: ` + reused + `$`, `(?m)^postgres module: .*postgres\.wasm$`, `(?m)^socket path: .`,
		`(?m)^interactive response \(\d+ bytes\):\n<- .*54 `, `(?m)^pg_dump \(PostgreSQL\) 1`,
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("there is no %s in:\n%s", want, out)
		}
	}
}

// TestProxyShowcase: clients get in by either kind of address, and an interrupt ends it.
func TestProxyShowcase(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: a process cannot be interrupted there")
	}
	sockets, err := os.MkdirTemp("", "uds") // sockets have short names
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	for name, args := range map[string][]string{"tcp": {"--tcp", "0"}, "uds": {"--uds", sockets}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := command(t, "proxy-showcase", args...)
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			var complaints strings.Builder
			c.Stderr = &complaints
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			uri, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("%v\n%s", err, complaints.String())
			}
			ask(t, strings.TrimSpace(uri))
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			if err := c.Wait(); err != nil {
				t.Errorf("%v\n%s", err, complaints.String())
			}
			if left, err := os.ReadDir(sockets); name == "uds" && (err != nil || len(left) > 0) {
				t.Errorf("left in the socket's directory: %v, %v", left, err)
			}
		})
	}
}

func ask(t *testing.T, uri string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), uri)
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	defer conn.Close(context.Background())
	var one int
	if err := conn.QueryRow(t.Context(), "SELECT 1").Scan(&one); err != nil || one != 1 {
		t.Errorf("%d, %v", one, err)
	}
	if u, err := url.Parse(uri); err != nil || u.Host != "" && net.ParseIP(u.Hostname()) == nil {
		t.Errorf("the URI is %s: %v", uri, err)
	}
}
