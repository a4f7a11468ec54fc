package repl

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// commandFunc runs a backslash command.
type commandFunc func(ctx context.Context, r *scriptRun, c *call) error

// command is a backslash command. The splitter, \?, completion and what runs it all read this one description.
type command struct {
	names   string // one or several, separated by white space
	letters string // that may follow the name, such as S+x
	usage   string // the command with its arguments, for \?
	about   string // what it does, for \?

	args  int       // how many arguments it takes at most, or many
	form  lex.Form  // how far it goes in the script
	takes completer // completes its arguments
	bare  string    // why nothing completes its arguments

	branch  bool // it is \if or one of its kind: it reads its own arguments, and runs in a branch that is not taken too
	sends   bool // it sends the statement collected and executes it
	own     bool // its error is that of a statement, so the rest of the line is run
	noQueue bool // a pipeline does not allow it
	run     commandFunc
}

// many is the number of arguments of a command that takes any number of them.
const many = -1

// subject is a group of commands in \?.
type subject struct {
	title, note string
	commands    []command
}

// subjects returns all backslash commands in the order of \?.
func subjects() []subject {
	return []subject{
		{"General", "", generalCommands()},
		{"Statement", "", bufferCommands()},
		{"Extended protocol", "", slices.Concat(extendedCommands(), pipelineCommands())},
		{"Input and output", "", slices.Concat(inputCommands(), sourceCommands())},
		{"Conditions", "", conditionCommands()},
		{"Objects", "S = system objects too, x = expanded, + = more, PATTERN with * and ?", objectCommands()},
		{"Large objects", "", largeObjectCommands()},
		{"Look of results", "", formatCommands()},
		{"Connection", "", connectionCommands()},
		{"Variables", "", variableCommands()},
	}
}

// commands are the backslash commands by name, without the letters that may follow.
var commands = map[string]*command{}

func init() {
	for _, s := range subjects() {
		for i := range s.commands {
			for name := range strings.FieldsSeq(s.commands[i].names) {
				commands[name] = &s.commands[i]
			}
		}
	}
}

// find returns the command with a name. One of the \d family may have letters behind its name: \dtS+.
func find(name string) (*command, bool) {
	if c, known := commands[name]; known {
		return c, true
	}
	if _, known := catalog.Find(name); !known {
		return nil, false
	}
	for n := len(name) - 1; n > 0; n-- {
		if c, known := commands[name[:n]]; known && strings.Trim(name[n:], c.letters) == "" {
			return c, true
		}
	}
	return nil, false
}

// formOf tells the splitter how far a command goes.
func formOf(name string) lex.Form {
	c, _ := find(name)
	return cmp.Or(c, &command{}).form
}
