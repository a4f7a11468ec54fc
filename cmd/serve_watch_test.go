//go:build unix

package cmd

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"
)

// TestServeTapAndRecord: what clients say is shown and recorded, each with its number, and no password in any form, of SQL or of SCRAM.
func TestServeTapAndRecord(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	hba := "local all postgres trust\nlocal all all scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o600); err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(t.TempDir(), "c.cap")
	s := serveCluster(t, data, "--tap", "--record", capture)
	const secret = "geheim"
	if _, err := s.connect().Exec(context.Background(), "CREATE ROLE guarded LOGIN PASSWORD '"+secret+"'"); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(context.Background(), "host="+s.socket+" user=guarded dbname=postgres password="+secret)
	if err != nil {
		t.Fatal(err)
	}
	show(t, conn, "SELECT 'by SCRAM'")
	_ = conn.Close(context.Background())
	s.waitForLog("#2 closed")
	if code := s.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	recorded, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	decoded := succeed(t, "", "hexdump", "--decode", "-f", capture)
	for where, text := range map[string]string{"tap": s.said(), "file": string(recorded), "capture": decoded} {
		for _, leak := range []string{secret, "n=,r=", "c=biws", "v=", "SCRAM-SHA-256$"} {
			if where == "file" && leak == "v=" { // two letters may be anywhere
				continue
			}
			if strings.Contains(text, leak) {
				t.Errorf("%s: %q is in\n%s", where, leak, text)
			}
		}
	}
	for where, text := range map[string]string{"tap": s.said(), "capture": decoded} {
		for _, want := range []string{`#1 -> Query "String":"CREATE ROLE guarded LOGIN PASSWORD '******'"`, "#2 -> PasswordMessage\n", "#2 <- Authentication\n", `"SELECT 'by SCRAM'"`, "#2 -> Terminate\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", where, want, text)
			}
		}
	}
	if r := enginePglite(t, "", "-D", data, "hexdump", "--replay", capture, "-U", "postgres"); r.code != exitFailure || !strings.Contains(r.stdout, "1 request not sent") {
		t.Errorf("replay: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestServeTapUnread: a reader who has stopped reading stops no client, though the server's log goes the same way.
func TestServeTapUnread(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	dir := t.TempDir()
	c := exec.Command("pglite", "-D", data, "serve", "--socket-dir", dir, "--tap", "--print-uri")
	unread, stderr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer unread.Close()
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = stderr.Close()
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	if _, err := stdout.Read(make([]byte, 1000)); err != nil { // it is ready
		t.Fatal(err)
	}
	conn, err := pgx.Connect(context.Background(), "host="+dir+" user=postgres dbname=postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for range 100 {
		if n := show(t, conn, "SELECT count(*)::text || repeat('x', 10000) FROM generate_series(1, 10)"); !strings.HasPrefix(n, "10x") {
			t.Fatalf("%.10s", n)
		}
		if _, err := conn.Exec(context.Background(), "SELECT nonsense, '"+strings.Repeat("y", 10000)+"'"); err == nil { // which is logged
			t.Fatal("no error")
		}
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	left := make([]byte, 64<<10)
	n, err := unread.Read(left)
	if err != nil || !bytes.Contains(left[:n], []byte("#1 -> StartupMessage")) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// TestServeCannotWatch: a file that cannot be written is an error before any client is let in.
func TestServeCannotWatch(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	for args, want := range map[string]string{
		"--record /dev/full":       "record: write /dev/full: no space left on device",
		"--record /nosuch/c.cap":   "record: open /nosuch/c.cap: no such file or directory",
		"--tap-file /nosuch/c.cap": "tap: open /nosuch/c.cap: no such file or directory",
		"--tap --log-format json":  "give --tap-file FILE",
	} {
		code, _, stderr := pglite(t, append([]string{"-D", data, "serve", "--socket-dir", t.TempDir()}, strings.Fields(args)...)...)
		if code != exitFailure || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, code, stderr)
		}
	}
}

// echoing is a cluster that says again what clients say.
type echoing struct{ servedCluster }

func (echoing) ServeConn(_ context.Context, client net.Conn) error {
	defer client.Close()
	_, err := io.Copy(client, client)
	return err
}

// TestRecordFailsLater: when the record cannot be written any more, that is told once, clients go on, and the end is an error.
func TestRecordFailsLater(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &clientWatch{recordName: filepath.Join(t.TempDir(), "c.cap")}
	db, err := w.over(echoing{}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_ = w.record.file.Close() // as a full disk would
	for range 2 {
		client, served := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- db.ServeConn(t.Context(), served) }()
		said := []byte{0, 0, 0, 8, 0, 3, 0, 0}
		if _, err := client.Write(said); err != nil {
			t.Fatal(err)
		}
		heard := make([]byte, len(said))
		if _, err := io.ReadFull(client, heard); err != nil || !bytes.Equal(heard, said) {
			t.Errorf("%q, %v", heard, err)
		}
		_ = client.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(log.String(), "nothing more is recorded"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
	if w.close(&err); err == nil {
		t.Error("no error at the end")
	}
}

// TestWatchFiles: the files of serve stay as they are until it has the cluster; then they are emptied, and only their owner can read
// them.
func TestWatchFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tap, capture := filepath.Join(dir, "tap"), filepath.Join(dir, "c.cap")
	for _, name := range []string{tap, capture} {
		if err := os.WriteFile(name, []byte("of another server"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, 0o666); err != nil { // whatever the umask
			t.Fatal(err)
		}
	}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.String("tap-file", tap, "")
	flags.String("record", capture, "")
	w, err := newClientWatch(cli.NewContext(nil, flags, nil), Streams{Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{tap, capture} {
		if b, err := os.ReadFile(name); err != nil || string(b) != "of another server" {
			t.Errorf("%s before the cluster is there: %q, %v", name, b, err)
		}
	}
	if _, err := w.over(echoing{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if w.close(&err); err != nil {
		t.Error(err)
	}
	for _, name := range []string{tap, capture} {
		b, err := os.ReadFile(name)
		if err != nil || bytes.Contains(b, []byte("of another server")) {
			t.Errorf("%s: %q, %v", name, b, err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}
