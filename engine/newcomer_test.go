package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// puppet has a data directory's lock and says of itself what the test wants.
type puppet struct {
	t    *testing.T
	file *os.File
}

func newPuppet(t *testing.T, dir string) *puppet {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, "pglite.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if err := filelock.TryLock(file); err != nil {
		t.Fatal(err)
	}
	return &puppet{t, file}
}

func (p *puppet) says(content map[string]any) {
	p.t.Helper()
	b, err := json.Marshal(content)
	if err == nil {
		err = p.file.Truncate(0)
	}
	if err == nil {
		_, err = p.file.WriteAt(b, 0)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// newcomer opens the data directory in the background.
func newcomer(t *testing.T, cfg engine.Config) <-chan error {
	opened := make(chan error, 1)
	cfg.Runtime = enginetest.Runtime(t)
	go func() {
		db, err := engine.Open(context.Background(), cfg)
		if err == nil {
			err = db.Close()
		}
		opened <- err
	}()
	return opened
}

// stillWaits fails the test when the newcomer has given up.
func stillWaits(t *testing.T, opened <-chan error, d time.Duration) {
	t.Helper()
	select {
	case err := <-opened:
		t.Fatalf("did not wait: %v", err)
	case <-time.After(d):
	}
}

// Several owners in a row, each of which is about to say where it listens, are borne with one by one.
func TestNewcomerBearsWithEachOwner(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	p := newPuppet(t, dir)
	p.says(map[string]any{"pid": 1, "started": time.Now().UTC(), "socket": engine.PrivateSocket(t, dir)})
	opened := newcomer(t, engine.Config{DataDir: dir})
	stillWaits(t, opened, 1500*time.Millisecond) // more than an owner without a socket gets
	for pid := range 6 {                         // together more than one owner without a socket gets, each far less
		p.says(map[string]any{"pid": pid + 2, "started": time.Now().UTC()})
		stillWaits(t, opened, 250*time.Millisecond)
	}
	_ = p.file.Close()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// An owner that says nothing new for too long is not waited for.
func TestNewcomerGivesUp(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	p := newPuppet(t, dir)
	p.says(map[string]any{"pid": 42, "started": time.Now().UTC(), "alone": "no room for a socket"})
	var locked *engine.LockedError
	if err := <-newcomer(t, engine.Config{DataDir: dir}); !errors.As(err, &locked) || locked.PID != 42 || !strings.Contains(err.Error(), "no room for a socket") {
		t.Errorf("got %v", err)
	}
}

// An owner that is shutting down is waited for longer than one that does not answer, and the user is told.
func TestNewcomerWaitsForShutdown(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for 16 seconds")
	}
	dir := enginetest.DataDir(t)
	p := newPuppet(t, dir)
	p.says(map[string]any{"pid": 42, "started": time.Now().UTC(), "socket": filepath.Join(t.TempDir(), "none"), "ending": true})
	told := make(chan string, 100)
	opened := newcomer(t, engine.Config{DataDir: dir, Progress: func(phrase string) {
		if strings.Contains(phrase, "shutting down") {
			told <- phrase
		}
	}})
	if phrase := <-told; !strings.Contains(phrase, "42") {
		t.Errorf("told %q", phrase)
	}
	stillWaits(t, opened, 16*time.Second)
	_ = p.file.Close()
	if err := <-opened; err != nil {
		t.Error(err)
	}
	if len(told) > 0 {
		t.Errorf("told again: %q", <-told)
	}
}

// The lock tells newcomers that its owner is shutting down, though that waits for somebody's transaction.
func TestReleaseIsAnnounced(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{DataDir: enginetest.DataDir(t), Runtime: enginetest.Runtime(t)}
	owner, attached := enginetest.Open(t, cfg), enginetest.Open(t, cfg)
	conn := enginetest.Connect(t, attached)
	enginetest.Exec(t, conn, "begin; create table t(i int)")
	released := make(chan error, 1)
	go func() { released <- owner.Release(context.Background()) }()
	cfg.NoAttach = true
	deadline := time.Now().Add(enginetest.Patience)
	for {
		_, err := engine.Open(context.Background(), cfg)
		var locked *engine.LockedError
		if !errors.As(err, &locked) {
			t.Fatalf("got %v", err)
		}
		if locked.Ending {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("never said")
		}
	}
	cfg.NoAttach = false
	opened := newcomer(t, cfg)
	stillWaits(t, opened, 2*time.Second)
	enginetest.Exec(t, conn, "commit")
	if err := <-released; err != nil {
		t.Error(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// An attached session that listens is idle although the server speaks to it.
func TestReleaseDoesNotWaitForListeners(t *testing.T) {
	t.Parallel()
	owner, attached := openBoth(t)
	listener := enginetest.Connect(t, attached)
	enginetest.Exec(t, listener, "listen news")
	enginetest.Exec(t, enginetest.Connect(t, owner), "notify news, 'hello'")
	if n, err := listener.WaitForNotification(context.Background()); err != nil || n.Payload != "hello" {
		t.Fatalf("got %+v, %v", n, err)
	}
	silent, err := attached.Dial(context.Background()) // who never begins neither
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
	defer cancel()
	if err := owner.Release(ctx); err != nil {
		t.Error(err)
	}
	if ctx.Err() != nil {
		t.Error("waited for a session that has nothing open")
	}
}

// To look for the owner costs no backend.
func TestAttachingStartsNoBackend(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	log := &enginetest.Buffer{}
	cfg := engine.Config{DataDir: dir, Settings: map[string]string{"log_connections": "on"}, Log: log}
	owner := enginetest.Open(t, cfg)
	for range 5 {
		attached := enginetest.Open(t, engine.Config{DataDir: dir})
		if !attached.Attached() {
			t.Fatal("not attached")
		}
		if err := attached.Close(); err != nil {
			t.Fatal(err)
		}
	}
	enginetest.Connect(t, owner) // its connection comes after theirs
	if n := strings.Count(log.String(), "connection received"); n != 1 {
		t.Errorf("%d connections, want 1\n%s", n, log)
	}
}

// A DB that was attached, has taken the server over and has lost it, looks for the next one again.
func TestAttachedOutlivesItsOwnServer(t *testing.T) {
	t.Parallel()
	owner, attached := openBoth(t)
	conn := enginetest.Connect(t, attached)
	enginetest.Exec(t, conn, "create table t(i int); insert into t values (1)")
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n := enginetest.Get[int](t, enginetest.Connect(t, attached), "select count(*) from t"); n != 1 || attached.Attached() {
			t.Errorf("%d rows, attached %t", n, attached.Attached())
		}
		engine.KillOwnPostmaster(attached)
		select {
		case <-attached.Done():
			t.Fatal("done, although the next Dial starts the server again")
		default:
		}
	}
	if n := enginetest.Get[int](t, enginetest.Connect(t, attached), "select count(*) from t"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// A program whose server does not read has an end nevertheless.
func TestToolWithDialEndsWithItsProgram(t *testing.T) {
	t.Parallel()
	stalled := make(chan net.Conn, 1)
	dial := func(context.Context) (net.Conn, error) {
		near, far := net.Pipe() // what is written stays until it is read
		stalled <- far
		return near, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tool := engine.Tool{Name: "psql", Args: []string{"-c", "select 1"}, Dial: dial}
		_, _ = engine.RunTool(ctx, engine.Config{Runtime: enginetest.Runtime(t)}, tool)
	}()
	defer func() { _ = (<-stalled).Close() }()
	for len(stalled) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(enginetest.Patience):
		t.Fatal("goes on for ever")
	}
}
