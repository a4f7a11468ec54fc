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
	skip := strings.Join(withValue(w.global), " | ")
	fmt.Fprintf(&b, "\tlocal program=\n\tfor ((i = 1; i < last; i++)); do\n\t\tcase ${line[i]} in\n\t\t%s) ((i++)) ;;\n", skip)
	b.WriteString("\t\t-*) ;;\n\t\t*) if [[ -z $command ]]; then command=${line[i]}; [[ $command == tool ]] || break\n")
	b.WriteString("\t\t   else program=${line[i]}; break; fi ;;\n\t\tesac\n\tdone\n\tlocal words= options=\n\tcase $command:$program:$prev in\n")
	for _, c := range w.commands {
		writeBashValues(&b, c.name+"::", c.flags)
	}
	writeBashValues(&b, "*::", w.global)
	b.WriteString("\tesac\n\tif [[ ${line[last]} == --*=* ]]; then return; fi # a value that is not one of a list\n")
	names := make([]string, len(w.commands))
	fmt.Fprintf(&b, "\tlocal global=' %s'\n\tcase $command:$program in\n", strings.Join(flagNames(w.global), " "))
	for i, c := range w.commands {
		names[i] = c.name
		fmt.Fprintf(&b, "\t%s:) words='%s' options='%s'$global ;;\n", c.name, strings.Join(c.arguments, " "), strings.Join(flagNames(c.flags), " "))
		for _, program := range c.programs {
			fmt.Fprintf(&b, "\t%s:%s) options='%s' ;;\n", c.name, program.name, strings.Join(flagNames(program.flags), " "))
		}
	}
	fmt.Fprintf(&b, "\t:) words='%s' options=$global ;;\n\tesac\n", strings.Join(names, " "))
	b.WriteString("\tcase $cur in -*) words=$options ;; esac\n")
	b.WriteString("\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _pglite pglite\n")
	return b.String()
}

// writeBashValues writes what the values of flags can be; before stands before the names of the flags in the patterns.
func writeBashValues(b *strings.Builder, before string, flags []completeFlag) {
	for _, f := range flags {
		choice := ""
		switch {
		case len(f.values) > 0:
			choice = "-W '" + strings.Join(f.values, " ") + "'"
		case f.data:
			choice = "-d -W memory:" // of which bash offers what goes on from a colon by itself
		case f.dir:
			choice = "-d"
		default:
			continue
		}
		fmt.Fprintf(b, "\t%s) COMPREPLY=($(compgen -P \"$prefix\" %s -- \"$cur\")); return ;;\n",
			before+strings.Join(f.names, " | "+before), choice)
	}
}
