// Command stranger is a program as somebody writes it who has found the library: a module of its own, with nothing but go get.
package main

import (
	"context"
	"fmt"

	"github.com/pglite-toolbox/pglite/embedded"
)

func main() {
	db, err := embedded.Open(context.Background(), embedded.Memory)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	var version string
	if err := db.SQL().QueryRow("SHOW server_version").Scan(&version); err != nil {
		panic(err)
	}
	fmt.Println("PostgreSQL", version)
}
