// Command release does what scripts/release cannot do the same way on every system: archives that depend on their content
// alone, the module for the go command, and checksums.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release: error:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: release archive FILE.tar.gz|FILE.zip DIR | sums DIR | module TREE SOURCE VERSION")

func run(args []string, out io.Writer) error {
	switch {
	case len(args) == 3 && args[0] == "archive":
		when, err := sourceDate()
		if err != nil {
			return err
		}
		return writeArchive(args[1], args[2], when)
	case len(args) == 4 && args[0] == "module":
		when, err := sourceDate()
		if err != nil {
			return err
		}
		return writeModule(args[1], args[2], args[3], when)
	case len(args) == 2 && args[0] == "sums":
		return writeSums(out, args[1])
	}
	return errUsage
}

// sourceDate returns the time that everything in a release bears, see https://reproducible-builds.org/specs/source-date-epoch/.
func sourceDate() (time.Time, error) {
	value := os.Getenv("SOURCE_DATE_EPOCH")
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the environment variable SOURCE_DATE_EPOCH is %q: set it to seconds since 1970", value)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
