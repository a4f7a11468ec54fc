package complete

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed sql.rules
var ruleText string

// rule says what may follow words.
type rule struct {
	before []string // patterns of words
	offers []offer
}

// offer is something that may follow.
type offer struct {
	keyword string
	value   string // a word whose case counts
	kind    string // of names
	of      int    // the word that the names belong to, counted back from the place
	start   bool   // it is counted from the start of the statement
}

// rules returns the rules, which are read once.
var rules = sync.OnceValue(func() []rule { return parseRules(ruleText) })

// parseRules reads rules. The format is told at the start of sql.rules.
func parseRules(text string) (rules []rule) {
	named := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if name, value, ok := strings.Cut(line, " = "); ok && line[0] == '$' {
			named[name] = value
			continue
		}
		before, after, _ := strings.Cut(line, "→")
		r := rule{before: strings.Fields(before)}
		for part := range strings.SplitSeq(after, ",") {
			part = strings.TrimSpace(part)
			if value, known := named[part]; known {
				for part := range strings.SplitSeq(value, ", ") {
					r.offers = append(r.offers, parseOffer(part))
				}
			} else if part != "" {
				r.offers = append(r.offers, parseOffer(part))
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func parseOffer(text string) offer {
	switch {
	case strings.HasPrefix(text, "<"):
		kind, of, _ := strings.Cut(strings.Trim(text, "<>"), " ")
		of, start := strings.CutPrefix(of, "^")
		n, _ := strconv.Atoi(of)
		return offer{kind: kind, of: n, start: start}
	case strings.HasPrefix(text, "'"):
		return offer{value: strings.Trim(text, "'")}
	}
	return offer{keyword: strings.ToUpper(text)}
}

// matches reports whether words are what patterns say.
func matches(patterns, words []string) bool {
	if len(patterns) == 0 {
		return len(words) == 0
	}
	if patterns[0] != "..." {
		return len(words) > 0 && matchesWord(patterns[0], words[0]) && matches(patterns[1:], words[1:])
	}
	rest := patterns[1:]
	if !slices.Contains(rest, "...") { // so that the rest is the end
		n := len(words) - len(rest)
		return n >= 0 && matches(rest, words[n:])
	}
	for i := range len(words) + 1 {
		if matches(rest, words[i:]) {
			return true
		}
	}
	return false
}

// matchesWord reports whether a word is what a pattern says.
func matchesWord(pattern, word string) bool {
	if pattern == "*" {
		return word != "(" && word != ","
	}
	if others, except := strings.CutPrefix(pattern, "!"); except {
		return word != "," && !matchesWord(others, word)
	}
	for alternative := range strings.SplitSeq(pattern, "|") {
		if strings.EqualFold(alternative, word) {
			return true
		}
	}
	return false
}
