//go:build unix

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServeLogsJSON(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data, "--log-format", "json")
	_, _ = s.connect().Exec(context.Background(), "select 1\n/0")
	s.waitForLog("division by zero")
	s.stop(syscall.SIGTERM)
	var found bool
	for line := range strings.Lines(s.said()) {
		var r logRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if r.Message == "division by zero" {
			found = r.Level == "ERROR" && r.SQLState == "22012" && r.Statement == "select 1\n/0" && r.PID != 0 && time.Since(r.Time) < time.Hour
			if !found {
				t.Errorf("got %+v", r)
			}
		}
	}
	if !found {
		t.Error("no record of the error")
	}
}

// TestServeFailsInJSON: why serve ends is a record too, and what the server has logged is not told twice.
func TestServeFailsInJSON(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	code, _, stderr := pglite(t, "-v", "-D", data, "serve", "--socket-dir", t.TempDir(), "--log-format", "json", "--set", "shared_buffers=1kB")
	var all []logRecord
	for line := range strings.Lines(stderr) {
		var r logRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		all = append(all, r)
	}
	if last := all[len(all)-1]; code != exitFailure || last.Level != "ERROR" || !strings.HasPrefix(last.Message, "PostgreSQL did not start") {
		t.Errorf("%d, %+v", code, last)
	}
	if n := strings.Count(stderr, "is outside the valid range"); n != 1 {
		t.Errorf("told %d times:\n%s", n, stderr)
	}
}

func TestParseLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{
			"1700000000.123\t77\tclient backend\t42601\tERROR:  syntax\n\terror\n1700000000.123\t77\tclient backend\t42601\tSTATEMENT:  selec\n\t1\n",
			`{"time":"2023-11-14T22:13:20.123Z","level":"ERROR","pid":77,"backend":"client backend","sqlstate":"42601","message":"syntax\nerror","statement":"selec\n1"}` + "\n",
		},
		{
			"1700000000.123\t77\tcheckpointer\t00000\tLOG:  one\n1700000000.124\t78\tstartup\t00000\tLOG:  two\n",
			`{"time":"2023-11-14T22:13:20.123Z","level":"LOG","pid":77,"backend":"checkpointer","message":"one"}` + "\n" +
				`{"time":"2023-11-14T22:13:20.124Z","level":"LOG","pid":78,"backend":"startup","message":"two"}` + "\n",
		},
	} {
		var out bytes.Buffer
		if n, err := (jsonLog{&out}).Write([]byte(test.in)); n != len(test.in) || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if out.String() != test.want {
			t.Errorf("got  %s\nwant %s", out.String(), test.want)
		}
	}
	var out bytes.Buffer
	if _, err := (jsonLog{&out}).Write([]byte("free text\twith \"quotes\"\n")); err != nil {
		t.Fatal(err)
	}
	var r logRecord
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Message != "free text\twith \"quotes\"" || r.Level != "LOG" {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := (jsonLog{brokenWriter{}}).Write([]byte("x\n")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}
