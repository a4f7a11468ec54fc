package cmd

import (
	"fmt"
	"strings"
)

// fishWords are the functions that find where in the line the cursor is; %s are the global options with a value.
const fishWords = `function __pglite_words -d 'the command, and the program that pglite tool runs'
    set -l words
    set -l value 0
    for word in (commandline -opc)[2..-1]
        if test $value = 1
            set value 0
            continue
        end
        switch $word
            case %s
                set value 1
            case '-*'
            case '*'
                set -a words $word
                if test "$words[1]" != tool; or test (count $words) = 2
                    break
                end
        end
    end
    if set -q words[1]
        printf '%%s\n' $words
    end
end
function __pglite_at -d 'whether these are the words'
    set -l words (__pglite_words)
    test "$words" = "$argv"
end
function __pglite_own -d 'whether the options are those of pglite'
    set -l words (__pglite_words)
    test (count $words) -lt 2
end
`

// fishCompletion is a script for fish.
func fishCompletion(w words) string {
	var b strings.Builder
	b.WriteString("# pglite's completion for fish\n")
	fmt.Fprintf(&b, fishWords, strings.Join(withValue(w.global), " "))
	for _, c := range w.commands {
		fmt.Fprintf(&b, "complete -c pglite -n '__pglite_at \"\"' -f -a %s -d %s\n", c.name, fishQuote(c.usage))
	}
	writeFishFlags(&b, " -n __pglite_own", w.global)
	for _, c := range w.commands {
		condition := " -n '__pglite_at " + c.name + "'"
		writeFishFlags(&b, condition, c.flags)
		if len(c.arguments) > 0 {
			fmt.Fprintf(&b, "complete -c pglite%s -f -a %s\n", condition, fishQuote(strings.Join(c.arguments, " ")))
		}
		for _, program := range c.programs {
			writeFishFlags(&b, " -n '__pglite_at "+c.name+" "+program.name+"'", program.flags)
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
		case f.data:
			b.WriteString(" -x -a 'memory: (__fish_complete_directories)'")
		case f.dir:
			b.WriteString(" -x -a '(__fish_complete_directories)'")
		case f.value:
			b.WriteString(" -r")
		}
		if f.usage != "" {
			b.WriteString(" -d " + fishQuote(f.usage))
		}
		b.WriteString("\n")
	}
}

// fishQuote quotes for fish, where only backslash and quote are special in single quotes.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
