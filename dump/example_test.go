package dump_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/engine"
)

// A dump of one cluster is restored into another.
func Example() {
	ctx := context.Background()
	env := []string{"PGUSER=postgres", "PGDATABASE=postgres"}
	from, err := engine.Open(ctx, engine.Config{DataDir: engine.Memory})
	if err != nil {
		log.Fatal(err)
	}
	defer from.Close()
	sql := dump.Restore{
		File: "-", Stdin: strings.NewReader("CREATE TABLE t (i int); INSERT INTO t VALUES (42);"), Database: "postgres", Env: env,
	}
	if code, err := sql.Run(ctx, from); err != nil || code != 0 {
		log.Fatal(code, err)
	}

	var file bytes.Buffer
	if code, err := (dump.Dump{Env: env, Stdout: &file, Stderr: os.Stderr}).Run(ctx, from); err != nil || code != 0 {
		log.Fatal(code, err)
	}
	to, err := engine.Open(ctx, engine.Config{DataDir: engine.Memory})
	if err != nil {
		log.Fatal(err)
	}
	defer to.Close()
	code, err := dump.Restore{File: "-", Stdin: &file, Database: "postgres", Env: env}.Run(ctx, to)
	fmt.Println(code, err)
	// Output: 0 <nil>
}

// A compressed archive of the schema, which gets its name when it is whole.
func ExampleDump_Run() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: "./db"})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	d := dump.Dump{Args: []string{"-Fc", "--schema-only", "-f", "schema.dump"}, Env: []string{"PGDATABASE=shop"}, Stderr: os.Stderr}
	if code, err := d.Run(ctx, db); err != nil || code != 0 {
		log.Fatalf("pg_dump ended with %d, %v", code, err)
	}
}

// An archive is restored in one transaction; the roles that it names and the cluster lacks are made.
func ExampleRestore_Run() {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{DataDir: "./db"})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	r := dump.Restore{File: "schema.dump", Database: "postgres", Single: true, CreateRoles: true, Stderr: os.Stderr}
	if code, err := r.Run(ctx, db); err != nil || code != 0 {
		log.Fatalf("pg_restore ended with %d, %v", code, err)
	}
}

// A dump of a server elsewhere.
func ExampleNewRemote() {
	remote, err := dump.NewRemote(engine.Config{}, "postgresql://alice@db.example.com/shop?sslmode=verify-full")
	if err != nil {
		log.Fatal(err)
	}
	d := dump.Dump{Env: remote.Env(), Stdout: os.Stdout, Stderr: os.Stderr}
	if code, err := d.Run(context.Background(), remote); err != nil || code != 0 {
		log.Fatalf("pg_dump ended with %d, %v", code, err)
	}
}
