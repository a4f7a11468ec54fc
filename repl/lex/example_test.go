package lex_test

import (
	"fmt"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

func ExampleSplitter() {
	s := &lex.Splitter{}
	s.Feed("SELECT ';', $$;$$;\n\\timing on\nSELECT 2")
	for seg, ok := s.Next(); ok; seg, ok = s.Next() {
		fmt.Printf("%q\n", seg.Text)
	}
	rest, _ := s.Flush()
	fmt.Printf("left: %q\n", rest.Text)
	// Output:
	// "SELECT ';', $$;$$;"
	// "\\timing on"
	// left: "SELECT 2"
}

func ExampleSplitArguments() {
	args, _ := lex.SplitArguments(`one 'it''s two' :home`, lex.Expansion{
		Variable: func(name string, _ byte) (string, bool) { return "/home/alice", name == "home" },
	})
	for _, arg := range args {
		fmt.Println(arg.Text)
	}
	// Output:
	// one
	// it's two
	// /home/alice
}
