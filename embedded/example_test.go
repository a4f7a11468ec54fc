package embedded_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pglite-toolbox/pglite/embedded"
)

func ExampleOpen() {
	ctx := context.Background()
	db, err := embedded.Open(ctx, embedded.Memory)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	var sum int
	if err := conn.QueryRow(ctx, "SELECT sum(a) FROM generate_series(1, 4) a").Scan(&sum); err != nil {
		log.Print(err)
	}
	fmt.Println(sum)
	// Output: 10
}

func ExampleDB_SQL() {
	ctx := context.Background()
	db, err := embedded.Open(ctx, embedded.Memory, embedded.WithSettings(map[string]string{"fsync": "off"}))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	var fsync string
	if err := db.SQL().QueryRowContext(ctx, "SHOW fsync").Scan(&fsync); err != nil {
		log.Print(err)
	}
	fmt.Println(fsync)
	// Output: off
}

func ExampleDB_URL() {
	ctx := context.Background()
	db, err := embedded.Open(ctx, embedded.Memory)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	uri, err := db.URL(ctx) // for lib/pq, psql, a child process …
	if err != nil {
		log.Print(err)
	}
	fmt.Println(uri[:len("postgres:///postgres?host=")])
	// Output: postgres:///postgres?host=
}
