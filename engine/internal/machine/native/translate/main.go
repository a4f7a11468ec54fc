// Command translate writes the C and assembler files of a module of the runtime into a folder: translate [-parts N] MODULE FOLDER.
// The runtime's build compiles them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine/internal/machine/native"
)

func main() {
	parts := flag.Int("parts", 1, "into how many files the functions go")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: translate [-parts N] MODULE FOLDER")
		os.Exit(2)
	}
	if err := translate(flag.Arg(0), flag.Arg(1), *parts); err != nil {
		fmt.Fprintf(os.Stderr, "translate %s: %v\n", flag.Arg(0), err)
		os.Exit(1)
	}
}

func translate(module, folder string, parts int) error {
	content, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	files, err := native.Translate(content, parts)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o666); err != nil {
			return err
		}
	}
	return nil
}
