//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
)

// nativeSocket names the environment variable that holds the socket of a native server: with it, the tests' pglite runs
// against that server in place of the engine, which shows what is the command line's own doing.
const nativeSocket = "PGLITE_TEST_NATIVE_SOCKET"

// nativeCluster is a cluster that another program runs.
type nativeCluster struct{ socket string }

func (n nativeCluster) Dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", n.socket)
}

func (n nativeCluster) Close() error { return nil }

func (n nativeCluster) RunTool(ctx context.Context, t engine.Tool) (int, error) {
	c := exec.CommandContext(ctx, t.Name, t.Args...)
	c.Stdin, c.Stdout, c.Stderr = t.Stdin, t.Stdout, t.Stderr
	c.Env = append(append(os.Environ(), "PGHOST="+filepath.Dir(n.socket)), t.Env...)
	err := c.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// testBackend returns the native server named by the environment, or else the real thing.
func testBackend() backend {
	socket := os.Getenv(nativeSocket)
	if socket == "" {
		return production()
	}
	return backend{
		open: func(context.Context, clusterConfig) (cluster, error) { return nativeCluster{socket}, nil },
		initCluster: func(_ context.Context, cfg clusterConfig, how initHow) (madeCluster, error) {
			return madeCluster{Mount: "/mount", Data: cfg.DataDir, Version: "15 " + strings.Join(how.InitdbArgs, " ")}, nil
		},
		postgresVersion: func(string) (string, error) { return "15", nil },
		tools:           func() []string { return []string{"psql", "pg_dump"} },
	}
}

// nativeServer is a PostgreSQL of the machine's own that runs for the tests.
type nativeServer struct {
	bin    string // the directory of the programs as they were found
	socket string
	psql   string
	major  int // version
	stop   func()
}

// startNative starts a native PostgreSQL, of which bin is the directory of the programs, in a directory of its own.
func startNative(bin string) (_ *nativeServer, err error) {
	found := bin
	dir, err := os.MkdirTemp("", "pglite-native")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	credential, err := serverUser(dir)
	if err != nil {
		return nil, err
	}
	if bin, err = forServerUser(bin, dir); err != nil {
		return nil, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir, c.SysProcAttr = dir, credential
		c.Env = append(os.Environ(), "TZ=UTC")
		return c
	}
	data := filepath.Join(dir, "data")
	if out, err := command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var log bytes.Buffer
	postgres := command("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	postgres.Stderr = &log
	if err := postgres.Start(); err != nil {
		return nil, err
	}
	s := &nativeServer{bin: found, socket: filepath.Join(dir, ".s.PGSQL.5432"), psql: filepath.Join(bin, "psql")}
	s.stop = func() {
		_ = postgres.Process.Signal(syscall.SIGINT)
		_ = postgres.Wait()
		_ = os.RemoveAll(dir)
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if err = s.sql("postgres", "SELECT 1"); err == nil {
			s.major, err = s.version()
			return s, err
		}
	}
	s.stop()
	return nil, fmt.Errorf("the server does not start: %w\n%s", err, log.Bytes())
}

// nativeBin returns the directory of the programs of the machine's own PostgreSQL, "" when there is none with all that is needed.
func nativeBin() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	for _, dir := range slices.Backward(found) {
		if completeBin(dir) {
			return dir
		}
	}
	return ""
}

func completeBin(dir string) bool {
	for _, name := range []string{"initdb", "postgres", "psql"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// fetchedBin returns the directory of the programs of a major version that scripts/native-postgresql has fetched, "" when it has not.
func fetchedBin(major int) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	version := strconv.Itoa(major)
	dir := filepath.Join(cache, "pglite", "native", version, "usr", "lib", "postgresql", version, "bin")
	if !completeBin(dir) {
		return ""
	}
	return dir
}

// forServerUser returns programs that an unprivileged user can run when the tests run as root, whose cache is root's alone: a copy of
// what scripts/native-postgresql has fetched, which may be anywhere.
func forServerUser(bin, dir string) (string, error) {
	tree := filepath.Join(bin, "..", "..", "..", "..", "..")
	if cache, err := os.UserCacheDir(); err != nil || os.Getuid() != 0 || !strings.HasPrefix(tree, cache) {
		return bin, nil
	}
	if out, err := exec.Command("cp", "-R", tree, filepath.Join(dir, "programs")).CombinedOutput(); err != nil {
		return "", fmt.Errorf("copy %s: %w: %s", tree, err, out)
	}
	return filepath.Join(dir, "programs", strings.TrimPrefix(bin, tree)), nil
}

// serverUser lets an unprivileged user have the directory when the tests run as root, whom the server refuses.
func serverUser(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	if err := errors.Join(os.Chmod(dir, 0o711), os.Chown(dir, uid, gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// command returns psql with the arguments.
func (s *nativeServer) command(database string, args ...string) *exec.Cmd {
	args = append([]string{"-X", "-h", filepath.Dir(s.socket), "-U", "postgres", "-d", database}, args...)
	return exec.Command(s.psql, args...)
}

// program runs another program of the native PostgreSQL, which must not fail.
func (s *nativeServer) program(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := s.programOutput(name, args...); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

// programOutput runs another program of the native PostgreSQL and returns all that it says.
func (s *nativeServer) programOutput(name string, args ...string) (string, error) {
	args = append([]string{"-h", filepath.Dir(s.socket), "-U", "postgres"}, args...)
	out, err := exec.Command(filepath.Join(filepath.Dir(s.psql), name), args...).CombinedOutput()
	return string(out), err
}

func (s *nativeServer) sql(database, sql string) error {
	if out, err := s.command(database, "-q", "-c", sql).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (s *nativeServer) version() (major int, err error) {
	out, err := s.command("postgres", "-Atc", "SELECT current_setting('server_version_num')::int / 10000").Output()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

// sharedNative is a native server that the first test which asks for it starts.
type sharedNative struct {
	once   sync.Once
	server *nativeServer
	err    error
}

// native is the server that all tests share, of the machine's own PostgreSQL.
var native sharedNative

// get returns the server, nil when the machine has no PostgreSQL.
func (n *sharedNative) get(t *testing.T) *nativeServer {
	t.Helper()
	n.once.Do(func() {
		if bin := nativeBin(); bin != "" {
			n.server, n.err = startNative(bin)
		}
	})
	if n.err != nil {
		t.Fatal(n.err)
	}
	return n.server
}

// stop ends the server if there is one.
func (n *sharedNative) stop() {
	n.once.Do(func() {})
	if n.server != nil {
		n.server.stop()
	}
}

// needNative skips a test that compares with native PostgreSQL where there is none.
func needNative(t *testing.T) *nativeServer {
	t.Helper()
	server := native.get(t)
	if server == nil {
		t.Skip("this machine has no native PostgreSQL to compare with: scripts/test-packages installs it")
	}
	return server
}

// fetchedMajors are the versions that scripts/native-postgresql fetches.
var fetchedMajors = []int{17, 18}

// eachNative runs a test with a new server of each native major version that is at hand: the machine's own and the fetched ones.
func eachNative(t *testing.T, f func(t *testing.T, s *nativeServer)) {
	t.Helper()
	t.Run("own", func(t *testing.T) {
		t.Parallel()
		needNative(t)
		f(t, newNative(t, nativeBin()))
	})
	for _, major := range fetchedMajors {
		t.Run(strconv.Itoa(major), func(t *testing.T) {
			t.Parallel()
			bin := fetchedBin(major)
			if bin == "" {
				t.Skipf("no native PostgreSQL %d is here: scripts/native-postgresql fetches it from Debian", major)
			}
			f(t, newNative(t, bin))
		})
	}
}

// newNative starts a server for a test.
func newNative(t *testing.T, bin string) *nativeServer {
	t.Helper()
	s, err := startNative(bin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	t.Logf("native PostgreSQL %d", s.major)
	return s
}
