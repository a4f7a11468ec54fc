package cmd

import (
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/repl/format"
)

func (p *program) completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that makes a shell complete pglite's commands and options",
		UsageText: "pglite completion bash|zsh|fish|powershell",
		Description: `The script is for the shell's start-up file, or for the directory where the shell looks for completions.

Examples:
   pglite completion bash > ~/.local/share/bash-completion/completions/pglite
   pglite completion zsh > "${fpath[1]}/_pglite"
   pglite completion fish > ~/.config/fish/completions/pglite.fish
   pglite completion powershell >> $PROFILE`,
		Action: p.completion,
	}
}

// shells are the writers of completion scripts.
var shells = map[string]func(words) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion, "powershell": powershellCompletion}

var shellNames = []string{"bash", "zsh", "fish", "powershell"}

func (p *program) completion(c *cli.Context) error {
	write := shells[c.Args().First()]
	if write == nil || c.NArg() != 1 {
		return &usageError{"completion", "which shell? There are " + strings.Join(shellNames, ", ")}
	}
	_, err := io.WriteString(p.streams.Out, write(p.words()))
	return err
}

// words are what a shell can complete.
type words struct {
	global   []completeFlag
	commands []completeCommand
}

type completeCommand struct {
	name, usage string
	flags       []completeFlag
	arguments   []string // what its first argument can be, when that is one of a list
}

// completeFlag is an option with its names, dashes included, the long one first.
type completeFlag struct {
	names  []string
	usage  string
	value  bool
	values []string // what its value can be, when that is one of a list
	dir    bool     // the value is a directory
}

// words collects all commands and options.
func (p *program) words() words {
	app := p.app()
	w := words{global: completeFlags(app.Flags)}
	for _, c := range app.Commands {
		command := completeCommand{name: c.Name, usage: c.Usage, flags: completeFlags(c.Flags)}
		switch c.Name {
		case "tool":
			command.arguments = p.backend.tools()
		case "completion":
			command.arguments = shellNames
		case "cache":
			command.arguments = []string{"clean"}
		}
		w.commands = append(w.commands, command)
	}
	return w
}

func completeFlags(flags []cli.Flag) (all []completeFlag) {
	for _, flag := range append(slices.Clone(flags), cli.HelpFlag) {
		f := completeFlag{value: takesValue(flag)}
		placeholder := ""
		if d, ok := flag.(cli.DocGenerationFlag); ok {
			placeholder, f.usage = unquoteUsage(d.GetUsage())
		}
		for _, name := range flag.Names() {
			if len(name) > 1 {
				f.names = append([]string{"--" + name}, f.names...)
			} else {
				f.names = append(f.names, "-"+name)
			}
		}
		f.dir = placeholder == "DIR"
		if flag.Names()[0] == "format" {
			f.values = formats()
		}
		all = append(all, f)
	}
	return all
}

func formats() []string {
	names := make([]string, len(format.Formats))
	for i, f := range format.Formats {
		names[i] = string(f)
	}
	return names
}

// flagNames returns all names of the flags.
func flagNames(flags []completeFlag) (names []string) {
	for _, f := range flags {
		names = append(names, f.names...)
	}
	return names
}

// withValue returns the names of those flags that take a value.
func withValue(flags []completeFlag) (names []string) {
	for _, f := range flags {
		if f.value {
			names = append(names, f.names...)
		}
	}
	return names
}

// all returns the flags of every command and the global ones, none twice.
func (w words) all() []completeFlag {
	var flags []completeFlag
	seen := map[string]bool{}
	add := func(list []completeFlag) {
		for _, f := range list {
			if key := strings.Join(f.names, " "); !seen[key] {
				seen[key] = true
				flags = append(flags, f)
			}
		}
	}
	add(w.global)
	for _, c := range w.commands {
		add(c.flags)
	}
	return flags
}
