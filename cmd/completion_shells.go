package cmd

import (
	"fmt"
	"strings"
)

// bashWords puts the words together that bash has split at : and =. Its words are the line's, so that what was between them tells.
const bashWords = `	local rest=$COMP_LINE split i
	local -a line=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		split=${rest%%[^[:space:]]*}
		rest=${rest#"$split"}
		rest=${rest#"${COMP_WORDS[i]}"}
		if [[ -n $split || i -eq 0 ]] || [[ ${COMP_WORDS[i]} != [:=]* && ${COMP_WORDS[i-1]} != *[:=] ]]; then
			line+=("${COMP_WORDS[i]}")
		else
			line[${#line[@]}-1]+=${COMP_WORDS[i]}
		fi
	done
	local last=$((${#line[@]} - 1))
	local cur=${line[last]} prev=${line[last-1]} prefix= command=
	if [[ $cur == --*=* ]]; then
		prev=${cur%%=*} cur=${cur#*=}
		if [[ ${COMP_WORDS[COMP_CWORD]} == --*=* ]]; then prefix=$prev=; fi # bash 3 does not split
	fi
`

// bashCompletion is a script for bash 3.2 and newer, without the bash-completion package.
func bashCompletion(w words) string {
	var b strings.Builder
	b.WriteString("# pglite's completion for bash\n_pglite() {\n" + bashWords)
	fmt.Fprintf(&b, "\tfor ((i = 1; i < last; i++)); do\n\t\tcase ${line[i]} in\n\t\t%s) ((i++)) ;;\n", strings.Join(withValue(w.global), " | "))
	b.WriteString("\t\t-*) ;;\n\t\t*) command=${line[i]}; break ;;\n\t\tesac\n\tdone\n\tlocal words= options=\n\tcase $prev in\n")
	for _, f := range w.all() {
		switch {
		case len(f.values) > 0:
			fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen -P \"$prefix\" -W '%s' -- \"$cur\")); return ;;\n", strings.Join(f.names, " | "), strings.Join(f.values, " "))
		case f.dir:
			fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen -P \"$prefix\" -d -- \"$cur\")); return ;;\n", strings.Join(f.names, " | "))
		}
	}
	b.WriteString("\tesac\n\tif [[ ${line[last]} == --*=* ]]; then return; fi # a value that is not one of a list\n\tcase $command in\n")
	names := make([]string, len(w.commands))
	for i, c := range w.commands {
		names[i] = c.name
		fmt.Fprintf(&b, "\t%s) words='%s' options='%s' ;;\n", c.name, strings.Join(c.arguments, " "), strings.Join(flagNames(c.flags), " "))
	}
	fmt.Fprintf(&b, "\t'') words='%s' ;;\n\tesac\n\toptions+=' %s'\n", strings.Join(names, " "), strings.Join(flagNames(w.global), " "))
	b.WriteString("\tcase $cur in -*) words=$options ;; esac\n")
	b.WriteString("\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _pglite pglite\n")
	return b.String()
}

// zshCompletion is a function file for zsh.
func zshCompletion(w words) string {
	var b strings.Builder
	b.WriteString("#compdef pglite\n# pglite's completion for zsh\n_pglite() {\n\tlocal -a commands global own\n\tcommands=(\n")
	for _, c := range w.commands {
		fmt.Fprintf(&b, "\t\t%s\n", zshQuote(c.name+":"+c.usage))
	}
	b.WriteString("\t)\n\tglobal=(\n")
	writeZshFlags(&b, w.global)
	b.WriteString("\t)\n\tlocal command=${words[(r)(")
	names := make([]string, len(w.commands))
	for i, c := range w.commands {
		names[i] = c.name
	}
	fmt.Fprintf(&b, "%s)]}\n\tcase $command in\n", strings.Join(names, "|"))
	for _, c := range w.commands {
		fmt.Fprintf(&b, "\t%s)\n\t\town=(\n", c.name)
		writeZshFlags(&b, c.flags)
		if len(c.arguments) > 0 {
			fmt.Fprintf(&b, "\t\t\t%s\n", zshQuote("2:argument:("+strings.Join(c.arguments, " ")+")"))
		}
		b.WriteString("\t\t\t'*:file:_files'\n\t\t)\n\t\t_arguments \"$own[@]\" \"$global[@]\" ;;\n")
	}
	b.WriteString("\t*) _arguments \"$global[@]\" '*: :{_describe command commands}' ;;\n\tesac\n}\n_pglite \"$@\"\n")
	return b.String()
}

func writeZshFlags(b *strings.Builder, flags []completeFlag) {
	clean := strings.NewReplacer("[", "(", "]", ")", ":", " ")
	for _, f := range flags {
		for _, name := range f.names {
			spec := "*" + name + "[" + clean.Replace(f.usage) + "]"
			switch {
			case len(f.values) > 0:
				spec += ":value:(" + strings.Join(f.values, " ") + ")"
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

// fishCompletion is a script for fish.
func fishCompletion(w words) string {
	var b strings.Builder
	b.WriteString("# pglite's completion for fish\n")
	for _, c := range w.commands {
		fmt.Fprintf(&b, "complete -c pglite -n __fish_use_subcommand -f -a %s -d %s\n", c.name, fishQuote(c.usage))
	}
	writeFishFlags(&b, "", w.global)
	for _, c := range w.commands {
		condition := " -n '__fish_seen_subcommand_from " + c.name + "'"
		writeFishFlags(&b, condition, c.flags)
		if len(c.arguments) > 0 {
			fmt.Fprintf(&b, "complete -c pglite%s -f -a %s\n", condition, fishQuote(strings.Join(c.arguments, " ")))
		}
	}
	return b.String()
}

func writeFishFlags(b *strings.Builder, condition string, flags []completeFlag) {
	for _, f := range flags {
		fmt.Fprintf(b, "complete -c pglite%s", condition)
		for _, name := range f.names {
			if long, ok := strings.CutPrefix(name, "--"); ok {
				fmt.Fprintf(b, " -l %s", long)
			} else {
				fmt.Fprintf(b, " -s %s", name[1:])
			}
		}
		switch {
		case len(f.values) > 0:
			fmt.Fprintf(b, " -x -a %s", fishQuote(strings.Join(f.values, " ")))
		case f.dir:
			b.WriteString(" -x -a '(__fish_complete_directories)'")
		case f.value:
			b.WriteString(" -r")
		}
		fmt.Fprintf(b, " -d %s\n", fishQuote(f.usage))
	}
}

// fishQuote quotes for fish, where only backslash and quote are special in single quotes.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// powershellCompletion is a script for PowerShell 5 and newer.
func powershellCompletion(w words) string {
	var b strings.Builder
	b.WriteString("# pglite's completion for PowerShell\n")
	b.WriteString("Register-ArgumentCompleter -Native -CommandName pglite -ScriptBlock {\n")
	b.WriteString("    param($wordToComplete, $commandAst, $cursorPosition)\n    $words = @{\n        '' = @(")
	b.WriteString(powershellList(w.commands))
	b.WriteString(")\n")
	for _, c := range w.commands {
		fmt.Fprintf(&b, "        '%s' = @(%s)\n", c.name, powershellWords(append(c.arguments, flagNames(c.flags)...)))
	}
	fmt.Fprintf(&b, "    }\n    $global = @(%s)\n", powershellWords(flagNames(w.global)))
	b.WriteString(`    $command = $commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" } |
        Where-Object { $_ -ne '' -and $words.ContainsKey($_) } | Select-Object -First 1
    if ($command -eq $wordToComplete) { $command = '' }
    $words["$command"] + $global | Where-Object { $_ -clike "$wordToComplete*" } | Sort-Object -Unique |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`)
	return b.String()
}

func powershellList(commands []completeCommand) string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	return powershellWords(names)
}

func powershellWords(list []string) string {
	quoted := make([]string, len(list))
	for i, word := range list {
		quoted[i] = "'" + strings.ReplaceAll(word, "'", "''") + "'"
	}
	return strings.Join(quoted, ", ")
}
