//go:build unix

package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// ownHome gives the test a home of its own; the cache stays the user's, where the runtime is unpacked and compiled.
func ownHome(t *testing.T) (home string) {
	t.Helper()
	needRuntime(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if home, err = filepath.EvalSymlinks(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "share"))
	t.Setenv("PGLITE_DATA", "")
	return home
}

// must runs pglite and returns what it prints.
func must(t *testing.T, args ...string) string {
	t.Helper()
	return place{}.must(t, args...)
}

func TestInitPrints(t *testing.T) {
	home := ownHome(t)
	dir := filepath.Join(home, "db")
	pattern := `^runtime: %s\ndata:    %s\nversion: PostgreSQL \d+\.\d+\ncluster: %s\n$`
	for _, state := range []string{"created", "reused", "reused"} {
		got := must(t, "init", dir)
		if !regexp.MustCompile(fmt.Sprintf(pattern, "/.*/runtime/[0-9a-f]{20}", dir, state)).MatchString(got) {
			t.Errorf("init printed\n%s", got)
		}
	}
	if got := must(t, "init", "--runtime-only"); !regexp.MustCompile(`^runtime: /.*\nversion: PostgreSQL \d+\.\d+\n$`).MatchString(got) {
		t.Errorf("init --runtime-only printed\n%s", got)
	}
	if _, err := os.Stat(filepath.Join(home, "share")); err == nil {
		t.Error("init --runtime-only made a directory for data")
	}
}

// TestDoors opens one cluster in every way there is.
func TestDoors(t *testing.T) {
	home := ownHome(t)
	must(t, "exec", "CREATE TABLE door (a int)", "INSERT INTO door VALUES (42)")
	count := []string{"exec", "-At", "-c", "SELECT a FROM door"}
	want := func(what, got string) {
		t.Helper()
		if got != "42\n" {
			t.Errorf("%s: %q", what, got)
		}
	}
	want("the default cluster", must(t, count...))
	data := filepath.Join(home, "share", "pglite", "data")
	want("-D", must(t, append([]string{"-D", data}, count...)...))
	want("-D after the command", must(t, append(count, "-D", data)...))
	t.Setenv("PGLITE_DATA", data)
	want("$PGLITE_DATA", must(t, count...))
	for _, layout := range []string{"tmp/pglite/base", "pglite/base"} {
		root := filepath.Join(home, filepath.Base(filepath.Dir(layout))+filepath.Dir(filepath.Dir(layout)))
		classic := filepath.Join(root, layout)
		mkdir(t, filepath.Dir(classic))
		if err := os.Rename(data, classic); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PGLITE_DATA", root)
		want(layout, must(t, count...))
		if got := must(t, "init", root); !strings.Contains(got, "cluster: reused") || !strings.Contains(got, classic) {
			t.Errorf("init in a classic layout prints\n%s", got)
		}
		if err := os.Rename(classic, data); err != nil {
			t.Fatal(err)
		}
	}
	backup := filepath.Join(home, "backup.tar.gz")
	if out, err := exec.Command("tar", "-czf", backup, "-C", data, ".").CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	copied := filepath.Join(home, "copied")
	must(t, "init", "--from", backup, copied)
	want("--from", must(t, append([]string{"-D", copied}, count...)...))
	if code, _, stderr := pglite(t, append([]string{"-D", "memory:"}, count...)...); code != exitScript || !strings.Contains(stderr, `relation "door" does not exist`) {
		t.Errorf("memory: %d, %s", code, stderr)
	}
}

func TestInitdbOptions(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	dir := filepath.Join(home, "latin")
	must(t, "init", dir, "--encoding=LATIN1", "--locale=C", "--no-data-checksums", "-c", "work_mem=7MB", "--wal-segsize=1")
	show := "SELECT current_setting('server_encoding'), current_setting('lc_collate'), current_setting('data_checksums'), current_setting('work_mem'), current_setting('wal_segment_size')"
	show = strings.ReplaceAll(show, "current_setting('lc_collate')", "(SELECT datcollate FROM pg_database WHERE datname = current_database())")
	if got := must(t, "-D", dir, "exec", "-At", "-c", show); got != "LATIN1|C|off|7MB|1MB\n" {
		t.Errorf("got %q", got)
	}
	secret := filepath.Join(home, "secret")
	write(t, "correct horse\n", secret)
	dir = filepath.Join(home, "scram")
	must(t, "init", "--username=owner", "--auth=scram-sha-256", "--pwfile", secret, dir)
	code, _, stderr := pglite(t, "-D", dir, "-U", "owner", "exec", "SELECT 1")
	if code != exitConnection || !strings.Contains(stderr, "password") {
		t.Errorf("without a password: %d, %s", code, stderr)
	}
	if got := (place{}).with("PGPASSWORD=correct horse").must(t, "-D", dir, "-U", "owner", "exec", "-At", "-c", "SELECT current_user"); got != "owner\n" {
		t.Errorf("got %q", got)
	}
	wantRefusal(t, `^pglite: make a cluster in ".*/bad": initdb failed: .*nonsense`, "init", "--encoding=nonsense", filepath.Join(home, "bad"))
	wantRefusal(t, `^pglite: make a cluster in ".*/bad": password file: .*no such file`, "init", "--pwfile="+missing(t), filepath.Join(home, "bad"))
	wantRefusal(t, `^pglite: make a cluster in ".*/bad": backup: .*no such file`, "init", "--from="+missing(t), filepath.Join(home, "bad"))
	for _, content := range []string{"PGDMP\x01\x10", "--\n-- PostgreSQL database dump\n--\n"} {
		dump := filepath.Join(home, "dump.tar")
		if err := os.WriteFile(dump, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, `^pglite: make a cluster in ".*/bad": backup ".*/dump.tar" is a dump of pg_dump: .* pglite restore\n$`, "init", "--from", dump, filepath.Join(home, "bad"))
	}
	if _, err := os.Stat(filepath.Join(home, "bad")); err == nil {
		t.Error("a failed init leaves a directory")
	}
}

// TestServerOptions: --set, --env and --mount reach the server, before and after the command.
func TestServerOptions(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	exchange := filepath.Join(home, "exchange")
	mkdir(t, exchange)
	write(t, "1\n2\n", exchange, "in")
	if got := must(t, "-D", "memory:", "exec", "-At", "-c", "SHOW work_mem", "--set", "work_mem=9MB"); got != "9MB\n" {
		t.Errorf("--set: %q", got)
	}
	if got := must(t, "-D", "memory:", "--env", "PGAPPNAME=from-env", "tool", "psql", "-Atc", "SHOW application_name"); got != "from-env\n" {
		t.Errorf("--env: %q", got)
	}
	copyBoth := []string{"-c", "CREATE TABLE t (a int)", "-c", "COPY t FROM '/exchange/in'", "-c", "COPY t TO '/exchange/out'"}
	must(t, append([]string{"-D", "memory:", "--mount", exchange + ":/exchange", "exec"}, copyBoth...)...)
	if b, err := os.ReadFile(filepath.Join(exchange, "out")); err != nil || string(b) != "1\n2\n" {
		t.Errorf("--mount: %q, %v", b, err)
	}
	code, _, stderr := pglite(t, append([]string{"-D", "memory:", "--mount", exchange + ":/exchange:ro", "exec"}, copyBoth...)...)
	if code != exitScript || !strings.Contains(stderr, "Read-only file system") {
		t.Errorf("--mount …:ro: %d, %s", code, stderr)
	}
	for pattern, args := range map[string][]string{
		`^pglite: server parameter "listen_addresses" cannot be set: pglite decides it itself\n`: {"--set", "listen_addresses=*"},
		`^pglite: --set "x" is not NAME=VALUE\n`:                                                 {"--set", "x"},
		`^pglite: --env "=x" is not NAME=VALUE\n`:                                                {"--env", "=x"},
		`^pglite: --mount "/x": want HOSTDIR:GUESTDIR`:                                           {"--mount", "/x"},
		`^pglite: mount /pgdata/x: /pgdata is the server's own\n`:                                {"--mount", home + ":/pgdata/x"},
		`^pglite: mount ".*/missing": .*no such file`:                                            {"--mount", missing(t) + ":/x"},
	} {
		code, stdout, stderr := pglite(t, append([]string{"-D", "memory:", "exec", "SELECT 1"}, args...)...)
		if code != exitFailure || stdout != "" || !regexp.MustCompile(pattern).MatchString(stderr) {
			t.Errorf("%q: %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

// TestAttachedOptions: what a server that runs already cannot take is refused, but for programs that see it themselves.
func TestAttachedOptions(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	dir := freshCluster(t, filepath.Join(home, "db"))
	db, err := production().open(t.Context(), clusterConfig{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, option := range []string{"--env=A=b", "--mount=" + home + ":/x"} {
		wantRefusal(t, `^pglite: data directory ".*/db": another process runs the server, which takes no --env and no --mount from this one: leave them out`,
			"-D", dir, option, "exec", "SELECT 1")
	}
	wantRefusal(t, `which takes no server parameters and no memory limit`, "-D", dir, "--max-memory", "512MB", "exec", "SELECT 1")
	if got := must(t, "-D", dir, "--env", "PGAPPNAME=from-env", "tool", "psql", "-Atc", "SHOW application_name"); got != "from-env\n" {
		t.Errorf("tool --env: %q", got)
	}
}

// TestInfo describes clusters in each state, and makes and changes nothing.
func TestInfo(t *testing.T) {
	home := ownHome(t)
	dir := filepath.Join(home, "db")
	report := func(args ...string) (r infoReport) {
		t.Helper()
		before := snapshot(t, home)
		text := must(t, append(args, "info")...)
		if err := json.Unmarshal([]byte(must(t, append(args, "info", "--json")...)), &r); err != nil {
			t.Fatal(err)
		}
		if snapshot(t, home) != before {
			t.Errorf("info %q changed something", args)
		}
		paths := []string{r.Cache.Dir, r.Cache.Runtimes, r.Cache.Modules, r.Cache.Code, r.User.Config, r.User.History, r.User.Sockets, r.User.Temporary}
		for i, path := range paths {
			if !filepath.IsAbs(path) {
				t.Errorf("path %d is %q", i, path)
			}
		}
		for _, value := range append(paths, r.Versions.PostgreSQL, r.Runtime.Dir, r.Cluster.Data, r.Cluster.State, r.Cluster.SystemIdentifier) {
			if !strings.Contains(text, value) {
				t.Errorf("the text lacks %q:\n%s", value, text)
			}
		}
		return r
	}
	if r := report(); r.Cluster.State != "none" || r.Cluster.Data != filepath.Join(home, "share", "pglite", "data") || r.Default != r.Cluster.Data {
		t.Errorf("%+v", r.Cluster)
	}
	if r := report("-D", "memory:"); r.Cluster.State != "memory" {
		t.Errorf("%+v", r.Cluster)
	}
	freshCluster(t, dir)
	want := must(t, "-D", dir, "exec", "-At", "-c", "SELECT system_identifier FROM pg_control_system()")
	r := report("-D", dir)
	if r.Cluster.State != "cluster" || r.Cluster.SystemIdentifier+"\n" != want || r.Cluster.Owner != 0 || r.Cluster.Changed == nil || !r.Runtime.Unpacked {
		t.Errorf("%+v, want the identifier %s", r, want)
	}
	runtime, err := install.ProvideRuntime(t.Context(), install.RuntimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: runtime})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(must(t, "-D", dir, "info", "--json")), &r); err != nil || r.Cluster.Owner != os.Getpid() || r.Cluster.Socket == "" {
		t.Errorf("%v, the owner of a running cluster: %+v", err, r.Cluster)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "global", "pg_control"), 5); err != nil {
		t.Fatal(err)
	}
	if r := report("-D", dir); r.Cluster.State != "damaged" || !strings.Contains(r.Cluster.Problem, "5 bytes") {
		t.Errorf("%+v", r.Cluster)
	}
	if r.User.Sockets != filepath.Dir(r.Cluster.Socket) || r.User.History != (Streams{}).historyFile() {
		t.Errorf("%+v, and the owner's socket was %s", r.User, r.Cluster.Socket)
	}
	if r := report("--runtime", missing(t)); r.Runtime.Problem == "" || r.Runtime.Unpacked {
		t.Errorf("%+v", r.Runtime)
	}
}

// TestInfoWithoutHome: a cluster that is named is described all the same, and every directory has a name.
func TestInfoWithoutHome(t *testing.T) {
	dir := freshCluster(t, filepath.Join(ownHome(t), "db"))
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, "")
	}
	var r infoReport
	if err := json.Unmarshal([]byte(must(t, "-D", dir, "info", "--json")), &r); err != nil || r.Cluster.State != "cluster" || r.Cache.Problem != "" {
		t.Errorf("%+v, %v", r, err)
	}
	for what, dir := range map[string]string{"cache": r.Cache.Dir, "default cluster": r.Default, "history": r.User.History, "sockets": r.User.Sockets} {
		if !filepath.IsAbs(dir) {
			t.Errorf("%s: %q", what, dir)
		}
	}
}

// TestFirstRun says where the default cluster is made, once.
func TestFirstRun(t *testing.T) {
	home := ownHome(t)
	want := "pglite: making the default cluster in " + filepath.Join(home, "share", "pglite", "data") + "\n"
	for _, want := range []string{want, ""} {
		if code, stdout, stderr := pglite(t, "exec", "-At", "-c", "SELECT 1"); code != 0 || stdout != "1\n" || stderr != want {
			t.Errorf("%d, %q, %q; want %q", code, stdout, stderr, want)
		}
	}
}

func TestCacheUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"cache"}, {"cache", "fill"}, {"cache", "clean", "now"}} {
		if code, stdout, stderr := pglite(t, args...); code != exitFailure || stdout != "" || !strings.Contains(stderr, "Usage: pglite cache clean") {
			t.Errorf("%q: %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

// TestCompletionKnowsAll: each script has each command and each long option.
func TestCompletionKnowsAll(t *testing.T) {
	t.Parallel()
	app := (&program{backend: production()}).app()
	for _, shell := range shellNames {
		script := must(t, "completion", shell)
		for _, c := range app.Commands {
			if !strings.Contains(script, c.Name) {
				t.Errorf("%s: no %s", shell, c.Name)
			}
			for _, f := range completeFlags(c.Name, c.Flags) {
				if name := strings.TrimPrefix(f.names[0], "--"); !strings.Contains(script, name) {
					t.Errorf("%s: no %s of %s", shell, f.names[0], c.Name)
				}
			}
		}
	}
	if code, _, stderr := pglite(t, "completion", "tcsh"); code != exitFailure || !strings.Contains(stderr, "bash, zsh, fish, powershell") {
		t.Errorf("%d, %s", code, stderr)
	}
}

// TestBashCompletion lets bash complete.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	const ask = `
source /dev/stdin
try() { COMP_LINE="$*"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _pglite; echo "${COMPREPLY[*]}"; }
split() { COMP_LINE=$1; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _pglite; echo "${COMPREPLY[*]}"; }
try pglite i
try pglite -D foo exe
try pglite --set a=b completion ''
try pglite exec --format js
try pglite exec --cs
try pglite init --runt
try pglite cache ''
split 'pglite -D memory: exe' pglite -D memory : exe
split 'pglite --data=foo exe' pglite --data = foo exe
split 'pglite  --data=c:/x:y  exec --cs' pglite --data = c : /x : y exec --cs
split 'pglite --set a=b -D x completion ' pglite --set a = b -D x completion ''
split 'pglite exec --format=js' pglite exec --format = js
split 'pglite exec --format=' pglite exec --format =
try pglite exec --format=js
split 'pglite exec --record=js' pglite exec --record = js
try pglite tool pg_dum
try pglite tool psql --tup
try pglite tool psql --dat
try pglite -D x tool psql --mou
try pglite dump --al
try pglite dump --globals
try pglite serve --log-format ''
try pglite init --auth sc
try pglite init -A pee
try pglite exec -A tru
try pglite init --auth-host ''
try pglite extension ''
try pglite -D mem
try pglite exec -D mem
try pglite init --locale-provider b
try pglite exec -P bor
try pglite restore --section p`
	want := "init info\nexec\nbash zsh fish powershell\njson jsonl\n--csv\n--runtime-only --runtime\nclean\n" +
		"exec\nexec\n--csv\nbash zsh fish powershell\njson jsonl\n" + strings.Join(format.FormatNames(), " ") + "\n--format=json --format=jsonl\n\n"
	want += "pg_dump pg_dumpall\n--tuples-only\n\n\n--all\n--globals-only\ntext json\nscram-sha-256\npeer\n\n" +
		"trust reject scram-sha-256 md5 password ident\nlist\nmemory:\nmemory:\nbuiltin\nborder\npre-data post-data"
	c := exec.Command(bash, "--norc", "-c", ask)
	c.Stdin = strings.NewReader(must(t, "completion", "bash"))
	out, err := c.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, out, want)
	}
}

// TestOtherShells lets the other shells read their scripts, where they are installed.
func TestOtherShells(t *testing.T) {
	t.Parallel()
	check := map[string][]string{"zsh": {"zsh", "-n"}, "fish": {"fish", "--no-execute"}}
	found := 0
	for shell, command := range check {
		if _, err := exec.LookPath(command[0]); err != nil {
			continue
		}
		found++
		name := filepath.Join(t.TempDir(), "script")
		write(t, must(t, "completion", shell), name)
		if out, err := exec.Command(command[0], slices.Concat(command[1:], []string{name})...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", shell, err, out)
		}
	}
	if found == 0 {
		t.Skip("neither zsh nor fish is installed")
	}
}
