package cmd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// initdbEnv is the environment by which the server that initdb starts finds the data directory that initdb's arguments name. initdb sets it
// for that server, but what a program starts gets the environment that the program itself was started with.
func initdbEnv(args []string) []string { return []string{"PGDATA=" + initdbData(args)} }

// initdbData returns the data directory in the arguments of initdb: the value of -D, or the argument that is no option's; "" when there
// is none.
func initdbData(args []string) (dir string) {
	const short = "ADELTUXc" // take a value
	other := ""
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, value, joined := strings.Cut(arg, "=")
		at := 0
		if !strings.HasPrefix(arg, "--") && len(arg) > 1 && arg[0] == '-' {
			at = strings.IndexAny(arg[1:], short) + 1
		}
		switch {
		case arg == "--":
			if other == "" && i+1 < len(args) {
				other = args[i+1]
			}
			return cmp.Or(dir, other)
		case name == "--pgdata" && joined:
			dir = value
		case at > 0 && at+1 < len(arg):
			if arg[at] == 'D' {
				dir = arg[at+1:]
			}
		case at > 0 || strings.HasPrefix(arg, "--") && !joined && !initdbToggle(arg[2:]):
			if i++; i < len(args) && (name == "--pgdata" || at > 0 && arg[at] == 'D') {
				dir = args[i]
			}
		case !strings.HasPrefix(arg, "-"):
			other = arg
		}
	}
	return cmp.Or(dir, other)
}

// initdbToggle reports whether a long option of initdb takes no value.
func initdbToggle(name string) bool {
	if slices.Contains([]string{"no-clean", "sync-only", "show", "discard-caches", "version", "help"}, name) {
		return true
	}
	return slices.ContainsFunc(initdbFlags(), func(f cli.Flag) bool { return f.Names()[0] == name && !takesValue(f) })
}
