package format_test

import (
	"bufio"
	"os"

	"github.com/pglite-toolbox/pglite/repl/format"
)

func ExampleNewPrinter() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	o := format.DefaultOptions()
	if err := o.Set("format", "csv"); err != nil {
		panic(err)
	}
	p, err := format.NewPrinter(w, o)
	if err != nil {
		panic(err)
	}
	_ = p.Begin([]format.Column{{Name: "id", OID: 23}, {Name: "name", OID: 25}})
	_ = p.Row([][]byte{[]byte("1"), []byte("a, b")})
	_ = p.Row([][]byte{[]byte("2"), nil})
	_ = p.End()
	// Output:
	// id,name
	// 1,"a, b"
	// 2,
}
