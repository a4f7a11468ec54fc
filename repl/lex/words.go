package lex

import "strings"

// FirstWords returns the first words of a statement in lower case, comments left out.
func FirstWords(sql string, n int) []string {
	var words []string
	for len(words) < n {
		sql = SkipBlank(sql)
		end := 0
		for end < len(sql) && IsWord(sql[end]) {
			end++
		}
		if end == 0 {
			break
		}
		words, sql = append(words, strings.ToLower(sql[:end])), sql[end:]
	}
	return words
}

// SkipBlank cuts white space and comments off the start.
func SkipBlank(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f\v")
		switch {
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, rest, ok := strings.Cut(sql, "*/")
			if !ok {
				return ""
			}
			sql = rest
		default:
			return sql
		}
	}
}
