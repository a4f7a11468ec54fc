//go:build unix

package cmd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// nativePsql names the environment variable that holds the psql to compare with, in place of the machine's own and the one of the
// runtime's version that scripts/native-postgresql has fetched, which compares all lines of testdata/psql-200.sql.
const nativePsql = "PGLITE_TEST_PSQL"

// TestPsqlMetaCommands runs a script of meta-commands through the runtime's psql and through a native one, against one served cluster:
// they print the same.
func TestPsqlMetaCommands(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("starts a server")
	}
	objects, err := filepath.Abs("testdata/describe/objects.sql")
	if err != nil {
		t.Fatal(err)
	}
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	succeed(t, "", "-D", data, "tool", "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", objects)
	for name, psql := range psqls() {
		t.Run(name, func(t *testing.T) {
			if psql == "" {
				t.Skip("there is no native psql of this kind here: scripts/test-packages installs them")
			}
			comparePsql(t, data, s.socket, psql)
		})
	}
}

// psqls are the native psqls to compare with, "" for one that is not there.
func psqls() map[string]string {
	if name := os.Getenv(nativePsql); name != "" {
		return map[string]string{"named": name}
	}
	found := map[string]string{"own": "", strconv.Itoa(ourMajor): ""}
	if bin := nativeBin(); bin != "" {
		found["own"] = filepath.Join(bin, "psql")
	}
	if bin := fetchedBin(ourMajor); bin != "" {
		found[strconv.Itoa(ourMajor)] = filepath.Join(bin, "psql")
	}
	return found
}

// comparePsql runs the script through both programs.
func comparePsql(t *testing.T, data, socket, psql string) {
	major := psqlMajor(t, psql)
	script, commands := metaCommands(t, major)
	if commands < 200 {
		t.Errorf("only %d meta-commands are compared with psql %d", commands, major)
	}
	const typed = "an answer\n"
	here := place{dir: directoryWith(t, script)}.with("PGAPPNAME=psql", "TZ=UTC", "LC_ALL=C.UTF-8")
	var stdout, stderr bytes.Buffer
	code := run([]string{"pglite", "-D", data, "tool", "psql", "-X", "-f", "script.sql"}, here.streams(typed, &stdout, &stderr), production())
	got := result{stdout.String(), stderr.String(), code}
	stdout.Reset()
	stderr.Reset()
	ctx, cancel := context.WithTimeout(t.Context(), patience) // one that loops
	defer cancel()
	c := exec.CommandContext(ctx, psql, "-X", "-h", socket, "-U", "postgres", "-d", "postgres", "-f", "script.sql")
	c.Dir, c.Env = directoryWith(t, script), here.streams("", nil, nil).environ()
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(typed), &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", psql, err, stderr.String())
	}
	t.Logf("%d meta-commands, compared with psql %d", commands, major)
	if got.code != 0 || !strings.Contains(got.stdout, "[line") || strings.Contains(got.stdout, "not reached") {
		t.Fatalf("exit code %d\n%s\n%s", got.code, got.stdout, got.stderr)
	}
	sameLines(t, "standard output", normalPsql(got.stdout), normalPsql(stdout.String()))
	sameLines(t, "standard error", normalPsql(got.stderr), normalPsql(stderr.String()))
}

// directoryWith makes a new directory that holds the script: what it writes must not be there for the next psql.
func directoryWith(t *testing.T, script string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "script.sql"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// psqlMajor returns the major version of a native psql.
func psqlMajor(t *testing.T, name string) (major int) {
	t.Helper()
	out, err := exec.Command(name, "--version").Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	number := regexp.MustCompile(`\d+`).FindString(string(out))
	if major, err = strconv.Atoi(number); err != nil {
		t.Fatalf("%s --version: %s", name, out)
	}
	return major
}

// metaCommands returns the script for a major version, with a mark before each line that is a command, and the number of lines with
// commands that differ from each other.
func metaCommands(t *testing.T, major int) (script string, commands int) {
	t.Helper()
	b, err := os.ReadFile("testdata/psql-200.sql")
	if err != nil {
		t.Fatal(err)
	}
	since := regexp.MustCompile(`^-- since (\d+): .`)
	seen := map[string]bool{}
	var out strings.Builder
	skip := false
	for n, line := range strings.Split(string(b), "\n") {
		if m := since.FindStringSubmatch(line); m != nil {
			least, _ := strconv.Atoi(m[1])
			skip = major < least
		} else if line == "-- end" {
			skip = false
		}
		if skip || strings.HasPrefix(line, "--") {
			continue
		}
		if strings.HasPrefix(line, `\`) {
			fmt.Fprintf(&out, "\\echo [line %d]\n", n+1)
		}
		if strings.Contains(line, `\`) {
			seen[line] = true
		}
		out.WriteString(line + "\n")
	}
	return out.String(), len(seen)
}

// ownValues are variables that tell where psql has connected to and how it was built, and the numbers of large objects, which each
// run makes anew.
var ownValues = regexp.MustCompile(`(?m)^(HOST|VERSION|VERSION_NAME|VERSION_NUM|LASTOID|lo_import|lo_unlink)( =)? .*$`)

func normalPsql(text string) string { return ownValues.ReplaceAllString(text, "$1 = …") }
