package cmd

import (
	"fmt"
	"strings"
)

// zshData completes what --data takes. A list of choices in the specification of an option would lose the colon.
const zshData = `_pglite_data() {
	local -a memory=(memory:)
	compadd -S '' -a memory
	_files -/
}
`

// zshCompletion is a function file for zsh.
func zshCompletion(w words) string {
	var b strings.Builder
	b.WriteString("#compdef pglite\n# pglite's completion for zsh\n" + zshData)
	b.WriteString("_pglite() {\n\tlocal -a commands global own\n\tcommands=(\n")
	names := make([]string, len(w.commands))
	var programs []string
	for i, c := range w.commands {
		names[i] = c.name
		fmt.Fprintf(&b, "\t\t%s\n", zshQuote(c.name+":"+c.usage))
		for _, program := range c.programs {
			programs = append(programs, program.name)
		}
	}
	b.WriteString("\t)\n\tglobal=(\n")
	writeZshFlags(&b, w.global)
	fmt.Fprintf(&b, "\t)\n\tlocal -i place=${words[(i)(%s)]}\n", strings.Join(names, "|"))
	b.WriteString("\tlocal command program\n\t(( place < CURRENT )) && command=$words[place]\n")
	fmt.Fprintf(&b, "\tif [[ $command == tool ]]; then\n\t\tplace=${words[(i)(%s)]}\n", strings.Join(programs, "|"))
	b.WriteString("\t\t(( place < CURRENT )) && program=$words[place]\n\tfi\n\tcase $command:$program in\n")
	for _, c := range w.commands {
		writeZshCommand(&b, c)
	}
	b.WriteString("\t*) _arguments \"$global[@]\" '*: :{_describe command commands}' ;;\n\tesac\n}\n_pglite \"$@\"\n")
	return b.String()
}

func writeZshCommand(b *strings.Builder, c completeCommand) {
	fmt.Fprintf(b, "\t%s:)\n\t\town=(\n", c.name)
	writeZshFlags(b, c.flags)
	if len(c.arguments) > 0 {
		fmt.Fprintf(b, "\t\t\t%s\n", zshQuote("2:argument:("+strings.Join(c.arguments, " ")+")"))
	}
	b.WriteString("\t\t\t'*:file:_files'\n\t\t)\n\t\t_arguments \"$own[@]\" \"$global[@]\" ;;\n")
	for _, program := range c.programs {
		fmt.Fprintf(b, "\t%s:%s)\n\t\town=(\n", c.name, program.name)
		writeZshFlags(b, program.flags)
		b.WriteString("\t\t\t'*:file:_files'\n\t\t)\n\t\t_arguments \"$own[@]\" ;;\n")
	}
}

func writeZshFlags(b *strings.Builder, flags []completeFlag) {
	clean := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`, `\`, `\\`)
	for _, f := range flags {
		for _, name := range f.names {
			spec := "*" + name + "[" + clean.Replace(f.usage) + "]"
			switch {
			case len(f.values) > 0:
				spec += ":value:(" + strings.Join(f.values, " ") + ")"
			case f.data:
				spec += ":directory:_pglite_data"
			case f.dir:
				spec += ":directory:_files -/"
			case f.value:
				spec += ":value:_files"
			}
			fmt.Fprintf(b, "\t\t\t%s\n", zshQuote(spec))
		}
	}
}

// zshQuote quotes for the Bourne shell and its kin.
func zshQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
