package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// item is an option or, when it has no name, an argument, in the order of the command line.
type item struct {
	name  string // the first name of its flag
	value string
}

// commandLine is what the user has typed.
type commandLine struct {
	ordered []string // as the cli package wants it: global options, command, its options, arguments
	command string   // "" when there is none, or only the version is asked for
	items   []item   // the command's own options and its arguments, in the order given
	globals []string // the first names of the global options given
}

// arrange reads the command line as getopt_long does. Options may stand anywhere; short ones may be joined (-Atc SQL) and hold
// their value (-F,).
func arrange(globals []cli.Flag, commands []command, args []string) (line commandLine, err error) {
	a := &arranger{globals: globals, commands: commands, rest: args[1:]}
	for len(a.rest) > 0 {
		if err := a.next(); err != nil {
			return line, err
		}
	}
	line.ordered = []string{args[0]}
	for _, g := range a.global {
		line.ordered = append(line.ordered, option(g.flag, g.value))
		line.globals = append(line.globals, g.flag.Names()[0])
	}
	if a.command == nil || slices.Contains(line.globals, "version") {
		return line, nil // the version is asked for, whatever the command
	}
	line.command, line.items = a.command.Name, a.items
	line.ordered = append(append(line.ordered, line.command), a.own...)
	line.ordered = append(line.ordered, "--")
	for _, i := range a.items {
		if i.name == "" {
			line.ordered = append(line.ordered, i.value)
		}
	}
	return line, nil
}

// arranger is the state of arrange.
type arranger struct {
	globals  []cli.Flag
	commands []command
	command  *command // once its name was read
	rest     []string // not read yet
	global   []given  // the global options
	own      []string // --name=value
	items    []item
	read     int  // arguments of the command
	ended    bool // the options, by --, or because another program's arguments begin
}

// given is an option with its value.
type given struct {
	flag  cli.Flag
	value string
}

// next reads an argument, or an option with its value.
func (a *arranger) next() error {
	arg := a.rest[0]
	a.rest = a.rest[1:]
	switch {
	case a.ended || arg == "-" || !strings.HasPrefix(arg, "-") || isComment(arg):
		return a.argument(arg)
	case arg == "--":
		a.ended = true
		return nil
	case strings.HasPrefix(arg, "--"):
		return a.long(arg[2:])
	}
	return a.short(arg[1:])
}

// isComment reports whether an argument that starts with -- is SQL that starts with a comment.
func isComment(arg string) bool {
	return len(arg) > 2 && strings.HasPrefix(arg, "--") && strings.ContainsAny(arg[2:3], " \t\r\n")
}

// argument reads the command's name or one of its arguments.
func (a *arranger) argument(arg string) error {
	if a.command != nil {
		a.items = append(a.items, item{value: arg})
		a.read++
		a.ended = a.ended || a.read >= a.command.optionsUntil
		return nil
	}
	i := slices.IndexFunc(a.commands, func(c command) bool { return c.HasName(arg) })
	if i < 0 {
		return &usageError{message: fmt.Sprintf("unknown command %q", arg)}
	}
	a.command = &a.commands[i]
	a.ended = a.command.optionsUntil == 0
	a.adopt()
	return nil
}

// adopt gives the command those options before its name that it has itself, such as init's --username.
func (a *arranger) adopt() {
	before := a.global
	a.global = nil
	for _, g := range before {
		flag, own := a.lookup(g.flag.Names()[0])
		a.add(flag, own, g.value)
	}
}

// long reads --name, --name=value or --name value.
func (a *arranger) long(text string) error {
	name, value, joined := strings.Cut(text, "=")
	flag, own := a.lookup(name)
	if flag == nil || len(name) == 1 {
		return a.unknown("--" + name)
	}
	if !takesValue(flag) {
		if joined {
			return a.usage("option --" + name + " takes no value")
		}
		a.add(flag, own, "")
		return nil
	}
	if !joined {
		if len(a.rest) == 0 {
			return a.usage("option --" + name + " needs a value")
		}
		value, a.rest = a.rest[0], a.rest[1:]
	}
	a.add(flag, own, value)
	return nil
}

// short reads one or more one-letter options, the last of which may have a value.
func (a *arranger) short(letters string) error {
	for i := range letters {
		name, value := letters[i:i+1], letters[i+1:]
		flag, own := a.lookup(name)
		if flag == nil {
			return a.unknown("-" + name)
		}
		if !takesValue(flag) {
			a.add(flag, own, "")
			continue
		}
		if value == "" {
			if len(a.rest) == 0 {
				return a.usage("option -" + name + " needs a value")
			}
			value, a.rest = a.rest[0], a.rest[1:]
		}
		a.add(flag, own, value)
		return nil
	}
	return nil
}

// lookup finds a flag of the command, then a global one.
func (a *arranger) lookup(name string) (flag cli.Flag, own bool) {
	named := func(f cli.Flag) bool { return slices.Contains(f.Names(), name) }
	if a.command != nil {
		if i := slices.IndexFunc(a.command.Flags, named); i >= 0 {
			return a.command.Flags[i], true
		}
		if named(cli.HelpFlag) {
			return cli.HelpFlag, true
		}
	}
	if i := slices.IndexFunc(a.globals, named); i >= 0 {
		return a.globals[i], false
	}
	if named(cli.HelpFlag) {
		return cli.HelpFlag, false
	}
	return nil, false
}

func takesValue(flag cli.Flag) bool {
	f, ok := flag.(cli.DocGenerationFlag)
	return ok && f.TakesValue()
}

// option is an option as the cli package reads it.
func option(flag cli.Flag, value string) string {
	text := "--" + flag.Names()[0]
	if takesValue(flag) {
		text += "=" + value
	}
	return text
}

// add notes an option under the first name of its flag.
func (a *arranger) add(flag cli.Flag, own bool, value string) {
	if !own {
		a.global = append(a.global, given{flag, value})
		return
	}
	a.own = append(a.own, option(flag, value))
	a.items = append(a.items, item{flag.Names()[0], value})
}

// unknown refuses an option, with what there is to say about it.
func (a *arranger) unknown(option string) error {
	if a.command != nil {
		if reason := a.command.refused[strings.TrimLeft(option, "-")]; reason != "" {
			return a.usage(a.command.Name + " has no option " + option + ": " + reason)
		}
	}
	return a.usage("unknown option " + option)
}

func (a *arranger) usage(message string) error {
	e := &usageError{message: message}
	if a.command != nil {
		e.command = a.command.Name
	}
	return e
}
