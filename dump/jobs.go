package dump

import (
	"slices"
	"strconv"
)

// jobsOption is -j of pg_dump and pg_restore, which start processes or threads for it. There are none for them here.
var jobsOption = option{'j', "jobs", 1}

// valuesOfRestore are the short options of pg_restore that take a value.
const valuesOfRestore = "dFfhIjLnNpPStTU"

// Alone returns the arguments of pg_dump or pg_restore without -j, and how many jobs that has asked for; 1 when it has
// not, or is no number, which the program will say.
func Alone(program string, args []string) (rest []string, jobs int) {
	letters := valuesOfDump
	switch program {
	case "pg_restore":
		letters = valuesOfRestore
	case "pg_dump":
	default:
		return args, 1
	}
	rest, jobs = slices.Clone(args), 1
	for {
		at, name, value := jobsOption.in(rest, letters)
		n, err := strconv.Atoi(value)
		if at < 0 || err != nil || n < 1 {
			return rest, jobs
		}
		jobs = max(jobs, n)
		rest = jobsOption.remove(rest, at, name)
	}
}

// walOption is -X of pg_basebackup.
var walOption = option{'X', "wal-method", len("wal-m")}

// valuesOfBaseBackup are the short options of pg_basebackup that take a value.
const valuesOfBaseBackup = "iDFrtTXZdchlpsUS"

// DefaultWALMethod stands for the method that pg_basebackup uses when it is told none.
const DefaultWALMethod = "default"

// WALMethod returns the method of a pg_basebackup by which it takes the WAL, as its arguments have it.
func WALMethod(args []string) string {
	if at, _, value := walOption.in(args, valuesOfBaseBackup); at >= 0 {
		return value
	}
	return DefaultWALMethod
}
