package engine_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// openBoth opens a cluster twice: the second one attaches.
func openBoth(t *testing.T) (owner, attached *engine.DB) {
	t.Helper()
	cfg := engine.Config{DataDir: enginetest.DataDir(t), Runtime: enginetest.Runtime(t)}
	owner = enginetest.Open(t, cfg)
	attached = enginetest.Open(t, cfg)
	if owner.Attached() || !attached.Attached() {
		t.Fatalf("attached: %t, %t, want false, true", owner.Attached(), attached.Attached())
	}
	return owner, attached
}

func TestAttach(t *testing.T) {
	t.Parallel()
	owner, attached := openBoth(t)
	enginetest.Exec(t, enginetest.Connect(t, owner), "create table t(i int)")
	enginetest.Exec(t, enginetest.Connect(t, attached), "insert into t values (1)")
	var out bytes.Buffer
	psql := engine.Tool{Name: "psql", Args: []string{"-Atc", "select count(*) from t"}, Stdout: &out, Stderr: os.Stderr}
	code, err := attached.RunTool(context.Background(), psql)
	if code != 0 || err != nil || out.String() != "1\n" {
		t.Errorf("psql beside the attached: %d, %v, %q", code, err, out.String())
	}
	conn := enginetest.Connect(t, attached)
	if err := attached.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(context.Background(), "select 1"); err == nil {
		t.Error("a session outlived its DB")
	}
	if _, err := attached.Dial(context.Background()); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("dial after close: %v", err)
	}
	if n := enginetest.Get[int](t, enginetest.Connect(t, owner), "select count(*) from t"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestTakeOver(t *testing.T) {
	t.Parallel()
	owner, attached := openBoth(t)
	conn := enginetest.Connect(t, attached)
	enginetest.Exec(t, conn, "create table t(i int); insert into t values (1)")
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(context.Background(), "select 1"); err == nil {
		t.Error("a session outlived its server")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			conn, err := pgx.ConnectConfig(context.Background(), enginetest.Config(t, attached))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(context.Background())
			if _, err := conn.Exec(context.Background(), "insert into t values (2)"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if attached.Attached() {
		t.Error("still attached")
	}
	if n := enginetest.Get[int](t, enginetest.Connect(t, attached), "select count(*) from t"); n != 5 {
		t.Errorf("%d rows, want 5", n)
	}
}

func TestNoAttach(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{DataDir: enginetest.DataDir(t), Runtime: enginetest.Runtime(t)}
	enginetest.Open(t, cfg)
	ctx := context.Background()
	with := cfg
	with.Settings = map[string]string{"work_mem": "1MB"}
	if _, err := engine.Open(ctx, with); err == nil {
		t.Error("attached although server parameters were given")
	}
	cfg.NoAttach = true
	_, err := engine.Open(ctx, cfg)
	var locked *engine.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("got %v, want a LockedError that names process %d", err, os.Getpid())
	}
}

func TestReleaseWaitsForTransactions(t *testing.T) {
	t.Parallel()
	owner, attached := openBoth(t)
	idle, busy := enginetest.Connect(t, attached), enginetest.Connect(t, attached)
	enginetest.Exec(t, idle, "create table t(i int)")
	enginetest.Exec(t, busy, "begin; insert into t values (1)")
	released := make(chan error, 1)
	go func() { released <- owner.Release(context.Background()) }()
	select {
	case err := <-released:
		t.Fatalf("released during a transaction: %v", err)
	case <-time.After(2 * engine.Quiet): // an idle session would have been ended by now
	}
	enginetest.Exec(t, busy, "insert into t values (2); commit")
	if err := <-released; err != nil {
		t.Fatal(err)
	}
	if n := enginetest.Get[int](t, enginetest.Connect(t, attached), "select count(*) from t"); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

// TestReleaseAfterRefusedCopy: a client may go on sending for a while when COPY has failed already. Nothing of it is
// open.
func TestReleaseAfterRefusedCopy(t *testing.T) {
	t.Parallel()
	owner, attached := openBoth(t)
	conn, err := attached.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := pgproto3.NewFrontend(conn, conn)
	say := func(until pgproto3.BackendMessage, messages ...pgproto3.FrontendMessage) {
		t.Helper()
		for _, m := range messages {
			client.Send(m)
		}
		if err := client.Flush(); err != nil {
			t.Fatal(err)
		}
		for heard := pgproto3.BackendMessage(nil); until != nil && reflect.TypeOf(heard) != reflect.TypeOf(until); {
			if heard, err = client.Receive(); err != nil {
				t.Fatal(err)
			}
		}
	}
	data := &pgproto3.CopyData{Data: []byte("no number\n")}
	say(&pgproto3.ReadyForQuery{}, &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres"}})
	say(&pgproto3.ReadyForQuery{}, &pgproto3.Query{String: "create table t(i int)"})
	say(&pgproto3.CopyInResponse{}, &pgproto3.Query{String: "copy t from stdin"})
	say(&pgproto3.ReadyForQuery{}, data)
	say(nil, data, &pgproto3.CopyDone{})
	ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
	defer cancel()
	if err := owner.Release(ctx); err != nil || ctx.Err() != nil {
		t.Errorf("release: %v; waiting: %v", err, ctx.Err())
	}
}

// starterVariable makes the test binary a program that opens the data directory it names, inserts a row and ends.
const starterVariable = "PGLITE_TEST_STARTER"

// start is such a program.
func start(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
	defer cancel()
	db, cfg, err := openOrAttach(ctx, dir)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "insert into t values ($1)", os.Getpid()); err != nil {
		return err
	}
	if err := conn.Close(ctx); err != nil {
		return err
	}
	return db.Release(ctx)
}

func TestManyStarters(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	func() {
		db, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		enginetest.Exec(t, enginetest.Connect(t, db), "create table t(pid int)")
	}()
	const starters = 12
	var all sync.WaitGroup
	for i := range starters {
		all.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), starterVariable+"="+dir, enginetest.RuntimeVariable+"="+enginetest.Runtime(t))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("starter %d: %v\n%s", i, err, out)
			}
		})
	}
	all.Wait()
	db := enginetest.Open(t, engine.Config{DataDir: dir})
	if db.Attached() {
		t.Error("somebody still owns the cluster")
	}
	if n := enginetest.Get[int](t, enginetest.Connect(t, db), "select count(*) from t"); n != starters {
		t.Errorf("%d rows, want %d", n, starters)
	}
}

func TestTakeOverOfKilledOwner(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerVariable+"="+dir, enginetest.RuntimeVariable+"="+enginetest.Runtime(t))
	db := enginetest.Open(t, engine.Config{DataDir: dir})
	enginetest.Exec(t, enginetest.Connect(t, db), "create table t(pid int); create table log(i int, t text)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the writer did not start: %v", err)
	}
	attached := enginetest.Open(t, engine.Config{DataDir: dir})
	conn := enginetest.Connect(t, attached)
	enginetest.Exec(t, conn, "insert into t values (1)")
	if !attached.Attached() {
		t.Error("not attached to the writer")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if n := enginetest.Get[int](t, enginetest.Connect(t, attached), "select count(*) from t"); n != 1 || attached.Attached() {
		t.Errorf("%d rows, attached %t", n, attached.Attached())
	}
}
