package dump

import (
	"slices"
	"strings"
)

// option is one of pg_dump's, pg_dumpall's or pg_restore's. Those with a value are found by in, the others by given.
type option struct {
	letter byte
	long   string
	least  int // letters of long that name no other option: getopt_long takes these for it
}

var (
	fileOption   = option{'f', "file", len("file")} // fil is of filter, too
	formatOption = option{'F', "format", len("fo")}

	useListOption = option{'L', "use-list", len("use-l")}
	filterOption  = option{0, "filter", len("filt")}

	listOption           = option{'l', "list", len("l")}
	schemaOnlyOption     = option{'s', "schema-only", len("schema-")} // schema is an option
	dataOnlyOption       = option{'a', "data-only", len("da")}
	noSchemaOption       = option{0, "no-schema", len("no-sc")}
	statisticsOnlyOption = option{0, "statistics-only", len("statistics-")} // statistics is an option
)

// The short options that take a value, of pg_dump and of pg_dumpall: what comes next is no option.
const (
	valuesOfDump    = "dEeFfhjnNpSTtUZ"
	valuesOfDumpall = "dEfhlpSU"
)

// in finds the value of the option: the last one counts. It is in args[at] after its name, or args[at] is all value.
// letters are the short options that take one.
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

// name returns where the value begins in an argument, its length when that is the next one and 0 when there is none,
// and whether it is that of the option.
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

// without returns the arguments without the option and its values.
func (o option) without(args []string, letters string) []string {
	args = slices.Clone(args)
	for {
		at, name, _ := o.in(args, letters)
		if at < 0 {
			return args
		}
		args = o.remove(args, at, name)
	}
}

// replaced returns the arguments with f's result for each value of the option; that of a short one gets an argument of
// its own.
func (o option) replaced(args []string, letters string, f func(value string) string) []string {
	args = slices.Clone(args)
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		end, is := o.name(args[i], letters)
		switch {
		case end == 0:
		case end < len(args[i]):
			if value := f(args[i][end:]); is && strings.HasPrefix(args[i], "--") {
				args[i] = args[i][:end] + value
			} else if is { // other letters may come before it
				args = slices.Insert(args, i+1, value)
				args[i] = args[i][:end]
				i++
			}
		default: // the value is the next argument
			if i++; is && i < len(args) {
				args[i] = f(args[i])
			}
		}
	}
	return args
}

// remove removes the option and its value, which in has found, from the arguments.
func (o option) remove(args []string, at int, name string) []string {
	if name == "" { // the value is an argument of its own
		args = slices.Delete(args, at, at+1)
		at--
		name = args[at]
	}
	if before := strings.TrimSuffix(name, string(o.letter)); !strings.HasPrefix(name, "--") && before != "-" {
		args[at] = before // other letters came before it
		return args
	}
	return slices.Delete(args, at, at+1)
}

// given reports whether an option that takes no value is there.
func (o option) given(args []string, letters string) bool {
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		if long, ok := strings.CutPrefix(args[i], "--"); ok {
			if len(long) >= o.least && strings.HasPrefix(o.long, long) {
				return true
			}
			continue
		}
		short, ok := strings.CutPrefix(args[i], "-")
		value := strings.IndexAny(short, letters)
		if ok && value >= 0 {
			if value == len(short)-1 {
				i++ // is the value
			}
			short = short[:value]
		}
		if ok && o.letter != 0 && strings.IndexByte(short, o.letter) >= 0 {
			return true
		}
	}
	return false
}
