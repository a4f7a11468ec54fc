// Command pglite is PostgreSQL in one file: see the package cmd.
package main

import (
	"os"

	"github.com/pglite-toolbox/pglite/cmd"
)

func main() {
	os.Exit(cmd.Main(os.Args, cmd.Standard()))
}
