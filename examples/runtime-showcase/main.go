// Command runtime-showcase shows what the library knows about the user's default cluster, speaks PostgreSQL's protocol with it, and runs
// pg_dump.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/embedded"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/install"
)

func main() {
	if err := show(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func show(ctx context.Context) (err error) {
	in, err := install.PrepareDefault(ctx, install.Options{})
	if err != nil {
		return err
	}
	fmt.Println("mount root:", in.Root)
	fmt.Println("reused existing install:", in.Reused)
	module, err := engine.ModulePath(ctx, engine.Config{Runtime: in.Runtime}, "postgres")
	if err != nil {
		return err
	}
	fmt.Println("postgres module:", module)

	answer, err := embedded.ExecInteractive(ctx, engine.Text("SELECT 1;"))
	if err != nil {
		return err
	}
	defer func() {
		if e := embedded.CloseInteractive(); err == nil {
			err = e
		}
	}()
	if _, socket, owned := engine.Owner(in.Data); owned { // by this program now
		fmt.Println("socket path:", socket)
	}
	fmt.Printf("interactive response (%d bytes):\n", len(answer))
	const lines = 4
	fmt.Print(hexdump.Format(answer, "<-", lines))

	version, err := dump.Run(ctx, []string{"--version"}, nil)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(version)
	return err
}
