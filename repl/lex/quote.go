package lex

import "strings"

// QuoteLiteral returns a string as an SQL literal that means the same whatever standard_conforming_strings is.
func QuoteLiteral(value string) string {
	quoted := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	if strings.Contains(value, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// QuoteIdentifier returns a name as an SQL identifier.
func QuoteIdentifier(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Unquote takes the double quotes off an argument that is an identifier.
func Unquote(text string) string {
	var b strings.Builder
	inside := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '"':
			b.WriteByte(text[i])
		case inside && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		default:
			inside = !inside
		}
	}
	return b.String()
}

// FoldIdentifier returns the name that an identifier stands for: in lower case unless it is quoted.
func FoldIdentifier(text string) string {
	if strings.HasPrefix(text, `"`) {
		return Unquote(text)
	}
	return strings.ToLower(text)
}
