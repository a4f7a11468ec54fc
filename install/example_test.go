package install_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// A cluster in a directory of the program's choice: made the first time, found again later.
func ExampleInitIn() {
	ctx := context.Background()
	cluster, err := install.InitIn(ctx, "./db")
	if err != nil {
		log.Fatal(err)
	}
	db, err := engine.Open(ctx, engine.Config{DataDir: cluster.Data, Runtime: cluster.Runtime})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
}

// A cluster among the user's data, as desktop programs keep it.
func ExampleInit() {
	cluster, err := install.Init(context.Background(), install.AppID{Qualifier: "org", Organization: "Example", App: "Notes"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cluster.Data, cluster.Reused)
}

// A cluster with initdb's own options.
func ExampleInitWith() {
	paths, err := install.ResolvePaths("./db")
	if err != nil {
		log.Fatal(err)
	}
	cluster, err := install.InitWith(context.Background(), paths, install.Options{
		Initdb: []string{"--wal-segsize=64", "--no-data-checksums"},
		Log:    os.Stderr,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cluster.Version)
}

// The user's default cluster, which the command line uses, too.
func ExamplePrepareDefault() {
	cluster, err := install.PrepareDefault(context.Background(), install.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cluster.Data)
}

// Looking at what is there changes nothing.
func ExampleDescribe() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{".", "absent"} {
		paths, err := install.ResolvePaths(filepath.Join(dir, name))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(install.Describe(paths).State)
	}
	// Output:
	// empty
	// none
}

// What is missing can be tested for.
func ExampleCheckExists() {
	err := install.CheckExists(filepath.Join(os.TempDir(), "there", "is", "no", "such", "directory"))
	fmt.Println(errors.Is(err, fs.ErrNotExist), errors.Is(err, engine.ErrNotCluster))
	// Output: true true
}

// The unpacked runtime, for images that should not unpack it at the first start.
func ExampleProvideRuntime() {
	dir, err := install.ProvideRuntime(context.Background(), install.RuntimeOptions{CacheDir: "/usr/lib/example"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dir)
}
