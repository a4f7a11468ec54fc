package embedded_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"

	"github.com/pglite-toolbox/pglite/embedded"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/install"
)

// The user's default cluster is made, asked, and removed.
func ExampleExecInteractive() {
	dir, err := os.MkdirTemp("", "example") // so that the example leaves yours alone
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	defer defaultBelow(dir)()

	ctx := context.Background()
	in, err := install.PrepareDefault(ctx, install.Options{})
	if err != nil {
		log.Print(err)
		return
	}
	answer, err := embedded.ExecInteractive(ctx, engine.Text("SELECT 1;"))
	if err != nil {
		log.Print(err)
		return
	}
	const lines = 2
	fmt.Println(strings.Count(hexdump.Format(answer, "<-", lines), "<-"), "lines of", len(answer), "bytes")
	if err := embedded.CloseInteractive(); err != nil {
		log.Print(err)
	}
	if !in.Reused && strings.HasPrefix(in.Root, dir) { // never a cluster that was there
		if err := os.RemoveAll(in.Root); err != nil {
			log.Print(err)
		}
	}
	// Output: 3 lines of 66 bytes
}

// defaultBelow moves the place of the default cluster below dir, by the variable that decides on this system.
func defaultBelow(dir string) (restore func()) {
	name := "XDG_DATA_HOME"
	switch runtime.GOOS {
	case "darwin":
		name = "HOME"
	case "windows":
		name = "LOCALAPPDATA"
	}
	old, set := os.LookupEnv(name)
	_ = os.Setenv(name, dir)
	return func() {
		if !set {
			_ = os.Unsetenv(name)
			return
		}
		_ = os.Setenv(name, old)
	}
}

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
