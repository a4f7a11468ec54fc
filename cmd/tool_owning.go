package cmd

import (
	"fmt"
	"os"
	"strings"
)

// ownCluster makes a program that owns a cluster work on the one that is locked for it, and on no other: where its arguments name a data
// directory, that becomes the command's, and the argument goes, as the program finds the cluster by PGDATA.
func (p *program) ownCluster(cfg *clusterConfig, name string, args []string) (rest []string, err error) {
	dir, rest := namedCluster(name, args, p.streams.path)
	switch {
	case dir == "":
		return args, nil
	case cfg.DataDir != "" && !sameFile(cfg.DataDir, p.dataDir(dir)):
		return nil, fmt.Errorf("%s is told to work on %q, and pglite to use %q: name one cluster", name, dir, cfg.DataDir)
	case cfg.DataDir == "":
		cfg.DataDir = p.dataDir(dir)
	}
	return rest, nil
}

// namedCluster takes the data directory out of a program's arguments, "" when they name none; the last one counts, as for the programs.
// To postgres an argument that is no option's is a database.
func namedCluster(name string, args []string, path func(string) string) (dir string, rest []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		value, long := strings.CutPrefix(arg, "--pgdata=")
		switch {
		case long:
			dir = value
		case (arg == "-D" || arg == "--pgdata") && i+1 < len(args):
			i++
			dir = args[i]
		case strings.HasPrefix(arg, "-D") && len(arg) > 2:
			dir = arg[2:]
		case name != "postgres" && !strings.HasPrefix(arg, "-") && isDir(path(arg)):
			dir = arg
		default:
			rest = append(rest, arg)
		}
	}
	return dir, rest
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// sameFile reports whether both names lead to one file that is there.
func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
