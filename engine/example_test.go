package engine_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

// A cluster in memory, and a session by pgx. Any driver that takes a function for dialing works the same way.
func Example() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: engine.Memory})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	config, err := pgx.ParseConfig("user=postgres dbname=postgres host=localhost sslmode=disable")
	if err != nil {
		log.Fatal(err)
	}
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)

	var sum int
	if err := conn.QueryRow(ctx, "SELECT sum(i) FROM generate_series(1, 10) i").Scan(&sum); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum)
	// Output: 55
}

// One of PostgreSQL's programs beside the server, to which it connects.
func ExampleDB_RunTool() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: engine.Memory})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	code, err := db.RunTool(ctx, engine.Tool{
		Name:   "psql",
		Args:   []string{"--no-psqlrc", "--csv", "--file=-"},
		Env:    []string{"PGDATABASE=postgres"},
		Stdin:  strings.NewReader("SELECT 6 * 7 AS answer;"),
		Stdout: os.Stdout,
		Stderr: os.Stderr,
	})
	if err != nil || code != 0 {
		log.Fatalf("psql ended with %d, %v", code, err)
	}
	// Output:
	// answer
	// 42
}

// A program that needs no server. With Tool.ReadOnly it reads a data directory that a server may have open.
func ExampleRunTool() {
	code, err := engine.RunTool(context.Background(), engine.Config{DataDir: "./db"}, engine.Tool{
		Name: "pg_controldata", ReadOnly: true, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil || code != 0 {
		log.Fatalf("pg_controldata ended with %d, %v", code, err)
	}
}

// The real initdb makes a cluster in an empty directory.
func ExampleInitDB() {
	ctx := context.Background()
	if err := os.Mkdir("./db", 0o700); err != nil {
		log.Fatal(err)
	}
	cfg := engine.Config{DataDir: "./db", Log: os.Stderr}
	if err := engine.InitDB(ctx, cfg, []string{"--encoding=UTF8", "--locale=C.UTF-8"}); err != nil {
		log.Fatal(err)
	}
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
}

// A listener of the program's own: each client gets a session. Package server does this, and TLS.
func ExampleDB_ServeConn() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: "./db"})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	l, err := net.Listen("tcp", "127.0.0.1:5432")
	if err != nil {
		log.Fatal(err)
	}
	for {
		client, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			if err := db.ServeConn(ctx, client); err != nil {
				log.Print(err)
			}
		}()
	}
}

// A physical backup while others write, compressed as its name says.
func ExampleDB_BackupFile() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: "./db"})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.BackupFile(ctx, "backup.tar.xz", engine.BackupOptions{Progress: func(step string) { log.Print(step) }}); err != nil {
		log.Fatal(err)
	}
}

// Directories of the host that COPY and the like can use.
func ExampleParseMount() {
	m, err := engine.ParseMount("/srv/data:/import:ro")
	fmt.Printf("%+v %v\n", m, err)
	_, err = engine.ParseMount("/srv/data")
	fmt.Println(err)
	// Output:
	// {Host:/srv/data Guest:/import ReadOnly:true} <nil>
	// mount "/srv/data": want HOSTDIR:GUESTDIR or HOSTDIR:GUESTDIR:ro with an absolute GUESTDIR
}

// The program sees the working directory and the directory of the file that its argument names.
func ExampleTool_ShowFiles() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	t := engine.Tool{Name: "psql", Args: []string{"-f", "script.sql"}}
	if err := t.ShowFiles(dir); err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Args, len(t.Mounts), t.Mounts[0].Host == filepath.Clean(dir))
	// Output: [-f script.sql] 1 true
}

// What is known of a runtime.
func ExampleParseManifest() {
	m, err := engine.ParseManifest([]byte(`{"format": 1, "postgresql": "18.6"}`))
	fmt.Println(m.PostgreSQL, err)
	// Output: 18.6 <nil>
}
