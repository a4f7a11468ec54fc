package cmd

import (
	"fmt"
	"strings"
)

// powershellScript finds the command, the program that pglite tool runs and the option before the cursor.
const powershellScript = `    $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    $path = @()
    for ($i = 0; $i -lt $before.Count -and $path.Count -lt 2; $i++) {
        if ($withValue -ccontains $before[$i]) { $i++; continue }
        if ($before[$i].StartsWith('-')) { continue }
        if ($path.Count -eq 1 -and $path[0] -cne 'tool') { break }
        $path += $before[$i]
    }
    $place = $path -join ' '
    $option = if ($before.Count -gt 0) { $before[-1] } else { '' }
    $found = if ($values.ContainsKey("$place $option")) { $values["$place $option"] }
        elseif ($path.Count -lt 2 -and $values.ContainsKey(" $option")) { $values[" $option"] }
        elseif ($path.Count -eq 2) { $words[$place] }
        else { $words[$place] + $global }
    $found | Where-Object { $_ -clike "$wordToComplete*" } | Sort-Object -Unique |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`

// powershellCompletion is a script for PowerShell 5 and newer.
func powershellCompletion(w words) string {
	var b, values strings.Builder
	b.WriteString("# pglite's completion for PowerShell\n")
	b.WriteString("Register-ArgumentCompleter -Native -CommandName pglite -ScriptBlock {\n")
	b.WriteString("    param($wordToComplete, $commandAst, $cursorPosition)\n    $words = @{\n")
	names := make([]string, len(w.commands))
	for i, c := range w.commands {
		names[i] = c.name
		fmt.Fprintf(&b, "        '%s' = @(%s)\n", c.name, powershellWords(append(c.arguments, flagNames(c.flags)...)))
		writePowershellValues(&values, c.name, c.flags)
		for _, program := range c.programs {
			fmt.Fprintf(&b, "        '%s %s' = @(%s)\n", c.name, program.name, powershellWords(flagNames(program.flags)))
		}
	}
	writePowershellValues(&values, "", w.global)
	fmt.Fprintf(&b, "        '' = @(%s)\n    }\n", powershellWords(names))
	b.WriteString("    $values = New-Object System.Collections.Hashtable ([System.StringComparer]::Ordinal)\n" + values.String())
	fmt.Fprintf(&b, "    $global = @(%s)\n    $withValue = @(%s)\n", powershellWords(flagNames(w.global)), powershellWords(withValue(w.global)))
	b.WriteString(powershellScript)
	return b.String()
}

func writePowershellValues(b *strings.Builder, command string, flags []completeFlag) {
	for _, f := range flags {
		values := f.values
		if f.data {
			values = []string{"memory:"}
		}
		for _, name := range f.names {
			if len(values) > 0 {
				fmt.Fprintf(b, "    $values['%s %s'] = @(%s)\n", command, name, powershellWords(values))
			}
		}
	}
}

func powershellWords(list []string) string {
	quoted := make([]string, len(list))
	for i, word := range list {
		quoted[i] = "'" + strings.ReplaceAll(word, "'", "''") + "'"
	}
	return strings.Join(quoted, ", ")
}
