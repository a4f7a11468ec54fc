package cmd

import (
	_ "embed"
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
	arguments   []string          // what its first argument can be, when that is one of a list
	programs    []completeCommand // that its first argument names; what follows is theirs
}

// completeFlag is an option with its names, dashes included, the long one first.
type completeFlag struct {
	names  []string
	usage  string
	value  bool
	values []string // what its value can be, when that is one of a list
	dir    bool     // the value is a directory
	data   bool     // or a cluster in memory
}

// words collects all commands and options.
func (p *program) words() words {
	app := p.app()
	w := words{global: completeFlags("", app.Flags)}
	for _, c := range app.Commands {
		command := completeCommand{name: c.Name, usage: c.Usage, flags: completeFlags(c.Name, c.Flags)}
		switch c.Name {
		case "tool":
			command.programs = toolOptions()
			for _, program := range command.programs {
				command.arguments = append(command.arguments, program.name)
			}
		case "dump":
			command.flags = append(dumpFlags(), command.flags...)
		case "completion":
			command.arguments = shellNames
		case "cache":
			command.arguments = []string{"clean"}
		case "extension":
			command.arguments = []string{"list"}
		}
		w.commands = append(w.commands, command)
	}
	return w
}

//go:embed completion_programs.txt
var toolOptionText string

// toolOptions returns PostgreSQL's programs with their options.
func toolOptions() (programs []completeCommand) {
	for line := range strings.Lines(toolOptionText) {
		fields := strings.Fields(line)
		if fields[0] == "#" {
			continue
		}
		program := completeCommand{name: fields[0]}
		for _, option := range fields[1:] {
			name, value := strings.CutSuffix(option, "=")
			program.flags = append(program.flags, completeFlag{names: []string{name}, value: value})
		}
		programs = append(programs, program)
	}
	return programs
}

// dumpFlags returns the options of dump: its own, which parseDump reads, and those of pg_dump and pg_dumpall.
func dumpFlags() []completeFlag {
	flags := []completeFlag{
		{names: []string{"--all"}, usage: "all databases and roles: pg_dumpall"},
		{names: []string{"--uri"}, usage: "dump another PostgreSQL server", value: true},
	}
	seen := map[string]bool{"--help": true, "-V": true, "--version": true}
	for _, program := range toolOptions() {
		if program.name != "pg_dump" && program.name != "pg_dumpall" {
			continue
		}
		for _, f := range program.flags {
			if !seen[f.names[0]] {
				seen[f.names[0]] = true
				flags = append(flags, f)
			}
		}
	}
	return flags
}

// completeFlags returns the flags of a command, or with "" the global ones.
func completeFlags(command string, flags []cli.Flag) (all []completeFlag) {
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
		f.data = command == "" && flag.Names()[0] == "data"
		if f.value {
			f.values = flagValues(flag.Names()[0])
		}
		all = append(all, f)
	}
	return all
}

// flagValues returns what the value of a flag can be, when that is one of a list.
func flagValues(name string) []string {
	methods := []string{"trust", "reject", "scram-sha-256", "md5", "password"} // that initdb of this runtime takes
	switch name {
	case "format":
		return format.FormatNames()
	case "log-format":
		return []string{"text", "json"}
	case "auth":
		return append(methods, "ident", "peer")
	case "auth-host":
		return append(methods, "ident")
	case "auth-local":
		return append(methods, "peer")
	case "encoding":
		return strings.Fields(`EUC_CN EUC_JP EUC_KR EUC_TW ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8 KOI8R KOI8U LATIN1 LATIN10 LATIN2 LATIN3
LATIN4 LATIN5 LATIN6 LATIN7 LATIN8 LATIN9 MULE_INTERNAL SQL_ASCII UTF8 WIN1250 WIN1251 WIN1252 WIN1253 WIN1254 WIN1255 WIN1256 WIN1257 WIN1258
WIN866 WIN874`)
	case "locale-provider":
		return []string{"builtin", "libc"}
	case "section":
		return []string{"pre-data", "data", "post-data"}
	case "sync-method":
		return []string{"fsync"}
	case "wal-segsize":
		return []string{"1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024"}
	case "pset":
		return format.OptionNames
	}
	return nil
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
