package cmd

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// client is pglite repl as a client of a cluster that this program owns, so that its memory is that of the client alone.
type client struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Reader
}

func startClient(t *testing.T, data string, args ...string) *client {
	t.Helper()
	program, err := exec.LookPath("pglite")
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, cmd: exec.Command(program, append([]string{"-D", data, "repl", "-X"}, args...)...)}
	c.cmd.Stderr = os.Stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewReaderSize(stdout, 1<<20)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.stdin.Close()
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
	return c
}

// run runs a script and returns how many lines it printed.
func (c *client) run(script string) (lines int) {
	c.t.Helper()
	if _, err := io.WriteString(c.stdin, script+"\n\\echo it ends here\n"); err != nil {
		c.t.Fatal(err)
	}
	for {
		line, err := c.lines.ReadSlice('\n')
		if err != nil {
			c.t.Fatalf("after %d lines: %v", lines, err)
		}
		if string(line) == "it ends here\n" {
			return lines
		}
		lines++
	}
}

// peak returns the most memory that the client has had, in bytes.
func (c *client) peak() int {
	c.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if !found || len(fields) < 2 {
		c.t.Fatalf("no VmHWM in %s", status)
	}
	kilobytes, err := strconv.Atoi(fields[0])
	if err != nil {
		c.t.Fatal(err)
	}
	return kilobytes << 10
}

// TestLargeResultInFlatMemory has a client print 5 million rows, which are some 200 MB as text: streamed, and where the
// widths of all have to be known first, whether somebody reads them or not.
func TestLargeResultInFlatMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("prints millions of rows")
	}
	needRuntime(t)
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := production().initCluster(t.Context(), clusterConfig{DataDir: dir}, initHow{}); err != nil {
		t.Fatal(err)
	}
	db, err := production().open(t.Context(), clusterConfig{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const (
		rows   = 5_000_000
		growth = 48 << 20 // garbage that waits for the collector, mostly
		query  = "SELECT generate_series(1, %d) AS i, 'some text of thirty characters' AS t"
	)
	for name, c := range map[string]struct {
		args  []string
		end   string
		lines func(rows int) int
	}{
		"csv":     {[]string{"--csv"}, ";", func(rows int) int { return rows + 1 }},
		"aligned": {nil, ";", func(rows int) int { return rows + 4 }},
		"head":    {nil, ` \g | head -n 5`, func(int) int { return 5 }},
	} {
		t.Run(name, func(t *testing.T) {
			client := startClient(t, dir, c.args...)
			for _, rows := range []int{100_000, rows} {
				before := client.peak()
				if got, want := client.run(fmt.Sprintf(query, rows)+c.end), c.lines(rows); got != want {
					t.Errorf("%d lines, want %d", got, want)
				}
				after := client.peak()
				t.Logf("%d rows: from %d to %d MB", rows, before>>20, after>>20)
				if rows > 100_000 && after-before > growth {
					t.Errorf("%d rows take %d MB of memory more than a few", rows, (after-before)>>20)
				}
			}
		})
	}
}
