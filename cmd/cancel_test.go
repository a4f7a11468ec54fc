//go:build unix

package cmd

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// interrupted runs exec and interrupts it when the output is what is wanted and the server has a session of which the condition, on
// pg_stat_activity, is true.
func interrupted(t *testing.T, stdin io.Reader, output, condition string, args ...string) result {
	t.Helper()
	server := needNative(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var stdout, stderr enginetest.Buffer
	streams := Streams{In: stdin, Out: &stdout, Err: &stderr, Env: append(os.Environ(), "PGAPPNAME="+t.Name())}
	p := &program{streams: streams, backend: nativeBackend(server)}
	ended := make(chan int, 1)
	go func() { ended <- p.exitCode(p.run(ctx, append([]string{"pglite", "exec"}, args...))) }()
	activity := "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + t.Name() + "' AND " + condition
	for {
		select {
		case code := <-ended:
			return result{stdout.String(), stderr.String(), code}
		case <-time.After(10 * time.Millisecond):
			if stdout.String() == output && runPglite(server, "", "-At", activity).stdout == "1\n" {
				cancel(&signalError{int(syscall.SIGINT)})
			}
		}
	}
}

func TestInterruptStatement(t *testing.T) {
	t.Parallel()
	got := interrupted(t, strings.NewReader(""), "1\n", "query = 'SELECT pg_sleep(1000)' AND state = 'active'", "-At", "--continue", "SELECT 1", "SELECT pg_sleep(1000)", "SELECT 2")
	if got.code != exitSignal+int(syscall.SIGINT) || got.stdout != "1\n" || got.stderr != "ERROR:  canceling statement due to user request\n" {
		t.Errorf("got %+v", got)
	}
}

func TestInterruptCopyFromIdleInput(t *testing.T) {
	t.Parallel()
	idle, writer := io.Pipe()
	defer writer.Close()
	got := interrupted(t, idle, "CREATE TABLE\n", "query = 'COPY t FROM STDIN' AND wait_event = 'ClientRead'", "-1", "CREATE TEMP TABLE t(a int)", "COPY t FROM STDIN")
	if got.code != exitSignal+int(syscall.SIGINT) || !strings.HasPrefix(got.stderr, "ERROR:  COPY from stdin failed: canceled by user\n") {
		t.Errorf("got %+v", got)
	}
}

func TestInterruptScriptFromIdleInput(t *testing.T) {
	t.Parallel()
	idle, writer := io.Pipe()
	defer writer.Close()
	go io.WriteString(writer, "SELECT 1;\n")
	got := interrupted(t, idle, "1\n", "query LIKE 'SELECT 1%' AND state = 'idle'", "-At")
	if got.code != exitSignal+int(syscall.SIGINT) || got.stdout != "1\n" || got.stderr != "pglite: interrupted\n" {
		t.Errorf("got %+v", got)
	}
}

func TestInterruptRollsBack(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	idle, writer := io.Pipe()
	defer writer.Close()
	go io.WriteString(writer, "CREATE TABLE interrupted(a int);\n")
	got := interrupted(t, idle, "CREATE TABLE\n", "query LIKE 'CREATE TABLE interrupted%' AND state = 'idle in transaction'", "-1", "--continue")
	if got.code != exitSignal+int(syscall.SIGINT) {
		t.Errorf("got %+v", got)
	}
	if left := runPglite(server, "", "TABLE interrupted"); left.code != exitScript {
		t.Errorf("the transaction was committed: %+v", left)
	}
}

// brokenWriter is the output of a reader that has gone away.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenOutputEndsTheRun(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	var stderr bytes.Buffer
	args := []string{"pglite", "exec", "--csv", "SELECT * FROM generate_series(1, 10000000)", "SELECT pg_sleep(1000)"}
	code := run(args, Streams{In: strings.NewReader(""), Out: brokenWriter{}, Err: &stderr}, nativeBackend(server))
	if code != exitFailure || stderr.Len() > 0 {
		t.Errorf("got %d %q", code, stderr.String())
	}
}
