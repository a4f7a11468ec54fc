package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// A superuser can make any number a pointer: reading far outside the memory is a trap, as in a bug of the server.
const trap = "create function deref(int4) returns cstring language internal strict as 'textout'"

func TestTrapRestartsTheCluster(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := enginetest.Open(t, engine.Config{})
	victim, other := enginetest.Connect(t, db), enginetest.Connect(t, db)
	enginetest.Exec(t, victim, trap)
	enginetest.Exec(t, victim, "create table kept(i int); insert into kept select generate_series(1, 1000)")
	enginetest.Exec(t, other, "begin; insert into kept values (0)")
	if _, err := victim.Exec(ctx, "select deref(-16)"); err == nil {
		t.Fatal("no trap")
	}
	untilLost(t, other)
	again := reconnect(t, db)
	if n := enginetest.Get[int](t, again, "select count(*) from kept"); n != 1000 {
		t.Errorf("%d rows after the restart, want the 1000 that were acknowledged", n)
	}
	if n := db.Traps(); n != 1 {
		t.Errorf("%d traps reported, want 1", n)
	}
}

// TestCloseDuringRestart closes a DB while the postmaster restarts the cluster after a crash that was no trap.
func TestCloseDuringRestart(t *testing.T) {
	t.Parallel()
	for range 5 {
		db := enginetest.Open(t, engine.Config{})
		conn, other := enginetest.Connect(t, db), enginetest.Connect(t, db)
		if err := engine.KillProcess(db, int32(conn.PgConn().PID())); err != nil {
			t.Fatal(err)
		}
		untilLost(t, other)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// untilLost waits for the postmaster to end a session because another one has crashed.
func untilLost(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	deadline := time.Now().Add(enginetest.Patience)
	for {
		if _, err := conn.Exec(context.Background(), "select 1"); err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("another session survived the crash of its cluster")
		}
		time.Sleep(time.Millisecond)
	}
}

// reconnect connects as soon as the postmaster has restarted its children.
func reconnect(t *testing.T, db *engine.DB) *pgx.Conn {
	t.Helper()
	deadline := time.Now().Add(enginetest.Patience)
	for {
		conn, err := pgx.ConnectConfig(context.Background(), enginetest.Config(t, db))
		if err == nil {
			t.Cleanup(func() { _ = conn.Close(context.Background()) })
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not come back: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// writerVariable makes the test binary a writer into the data directory it names.
const writerVariable = "PGLITE_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerVariable); dir != "" {
		fmt.Fprintln(os.Stderr, write(dir))
		os.Exit(1)
	}
	if dir := os.Getenv(heirVariable); dir != "" {
		fmt.Fprintln(os.Stderr, inherit(dir))
		os.Exit(1)
	}
	if dir := os.Getenv(starterVariable); dir != "" {
		if err := start(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openOrAttach opens a data directory in a program of its own, which ends with that, and tells how to connect.
func openOrAttach(ctx context.Context, dir string) (*engine.DB, *pgx.ConnConfig, error) {
	db, err := engine.Open(ctx, engine.Config{DataDir: dir, Runtime: os.Getenv(enginetest.RuntimeVariable)})
	if err != nil {
		return nil, nil, err
	}
	cfg, err := pgx.ParseConfig("host=/ user=postgres dbname=postgres sslmode=disable")
	if err != nil {
		return nil, nil, err
	}
	cfg.DialFunc = dialer(db)
	return db, cfg, nil
}

// write commits rows from four sessions for ever and prints each number that was acknowledged.
func write(dir string) error {
	ctx := context.Background()
	_, cfg, err := openOrAttach(ctx, dir)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range 4 {
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return err
		}
		go func() {
			for i := worker; ; i += 4 {
				if _, err := conn.Exec(ctx, "insert into log values ($1, repeat('x', 200))", i); err != nil {
					failed <- err
					return
				}
				fmt.Println(i)
			}
		}()
	}
	return <-failed
}

func TestKillOfTheProgram(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	func() {
		db, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		enginetest.Exec(t, enginetest.Connect(t, db), "create table log(i int, t text)")
	}()
	var acknowledged []int
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		acknowledged = append(acknowledged, killedWriter(t, dir)...)
		checkLog(t, dir, acknowledged)
		acknowledged = acknowledged[:0]
	}
}

// killedWriter runs a writer for a while, kills it, and returns what was acknowledged.
func killedWriter(t *testing.T, dir string) (numbers []int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerVariable+"="+dir, enginetest.RuntimeVariable+"="+enginetest.Runtime(t))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const enough = 300
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			break // a line cut by the kill
		}
		if numbers = append(numbers, n); len(numbers) == enough {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if len(numbers) < enough {
		t.Fatalf("the writer ended after %d rows", len(numbers))
	}
	return numbers
}

// checkLog opens the directory, which recovers it, looks for each number, and empties the table.
func checkLog(t *testing.T, dir string, numbers []int) {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
	if err != nil {
		t.Fatalf("the start after the kill: %v", err)
	}
	defer db.Close()
	conn := enginetest.Connect(t, db)
	if n := enginetest.Get[int](t, conn, "select count(*) from unnest($1::int[]) a(i) where not exists (select from log where log.i = a.i)", numbers); n != 0 {
		t.Errorf("%d of %d acknowledged rows are lost", n, len(numbers))
	}
	enginetest.Exec(t, conn, "truncate log")
	_ = conn.Close(context.Background())
}
