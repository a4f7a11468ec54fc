package dump

import "strings"

// option is one of pg_dump's or pg_dumpall's that takes a value.
type option struct {
	letter byte
	long   string
	least  int // letters of long that name no other option: getopt_long takes these for it
}

var (
	fileOption   = option{'f', "file", len("file")} // fil is of filter, too
	formatOption = option{'F', "format", len("fo")}
)

// The short options that take a value, of pg_dump and of pg_dumpall: what comes next is no option.
const (
	valuesOfDump    = "dEeFfhjnNpSTtUZ"
	valuesOfDumpall = "dEfhlpSU"
)

// in finds the value of the option: the last one counts. It is in args[at] after its name, or args[at] is all value. letters are the
// short options that take one.
func (o option) in(args []string, letters string) (at int, name, value string) {
	at = -1
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		arg := args[i]
		end, is := o.name(arg, letters)
		switch {
		case end == 0:
		case end < len(arg):
			if is {
				at, name, value = i, arg[:end], arg[end:]
			}
		default: // the value is the next argument
			if i++; is && i < len(args) {
				at, name, value = i, "", args[i]
			}
		}
	}
	return at, name, value
}

// name returns where the value begins in an argument, its length when that is the next one and 0 when there is none, and whether it is
// that of the option.
func (o option) name(arg, letters string) (end int, is bool) {
	if long, ok := strings.CutPrefix(arg, "--"); ok {
		long, _, joined := strings.Cut(long, "=")
		is = len(long) >= o.least && strings.HasPrefix(o.long, long)
		switch {
		case joined:
			return len("--") + len(long) + len("="), is
		case is:
			return len(arg), true
		}
		return 0, false
	}
	if len(arg) < 2 || arg[0] != '-' {
		return 0, false
	}
	at := strings.IndexAny(arg[1:], letters) + 1
	if at == 0 {
		return 0, false
	}
	return at + 1, arg[at] == o.letter
}
