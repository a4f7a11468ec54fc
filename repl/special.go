package repl

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// special is a variable that means something to psql
// (https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-VARIABLES).
type special struct {
	unset  string // its value when it is not set
	check  func(name, value string) (string, error)
	values string // that it may have, where they are words
}

// specials are the variables whose values are checked.
var specials = map[string]special{
	"AUTOCOMMIT": onOffVariable, "ON_ERROR_STOP": onOffVariable, "QUIET": onOffVariable, "SINGLELINE": onOffVariable, "SINGLESTEP": onOffVariable,
	"SHOW_ALL_RESULTS": onOffVariable, "HIDE_TABLEAM": onOffVariable, "HIDE_TOAST_COMPRESSION": onOffVariable,
	"ECHO_HIDDEN": switchVariable("noexec"), "ON_ERROR_ROLLBACK": switchVariable("interactive"),
	"ECHO": wordVariable("none", "none, errors, queries, all"), "VERBOSITY": wordVariable("default", "default, verbose, terse, sqlstate"),
	"SHOW_CONTEXT": wordVariable("errors", "never, errors, always"), "HISTCONTROL": wordVariable("none", "none, ignorespace, ignoredups, ignoreboth"),
	"COMP_KEYWORD_CASE": wordVariable("preserve-upper", "lower, upper, preserve-lower, preserve-upper"),
	"FETCH_COUNT":       {unset: "0", check: integer}, "HISTSIZE": {unset: "500", check: integer}, "IGNOREEOF": {unset: "0", check: endings}, "WATCH_INTERVAL": {unset: "2", check: seconds},
}

var onOffVariable = special{"off", onOrOff, "on, off"}

func switchVariable(other string) special {
	return special{"off", switchOr(other), "on, off, " + other}
}

func wordVariable(unset, words string) special { return special{unset, oneOf(words), words} }

// onOrOff takes a Boolean; a variable that is set to nothing is on.
func onOrOff(name, value string) (string, error) {
	if value == "" {
		return "on", nil
	}
	if _, ok := format.ParseBool(value); !ok {
		return "", format.NotBool(name, value)
	}
	return value, nil
}

// switchOr takes a Boolean or another word.
func switchOr(other string) func(name, value string) (string, error) {
	return func(name, value string) (string, error) {
		if strings.EqualFold(value, other) {
			return other, nil
		}
		text, err := onOrOff(name, value)
		if err != nil {
			return "", format.NotOneOf(name, value, "on, off, "+other)
		}
		return text, nil
	}
}

// oneOf takes one of some words, in letters of any case.
func oneOf(words string) func(name, value string) (string, error) {
	return func(name, value string) (string, error) {
		if !slices.Contains(strings.Split(words, ", "), strings.ToLower(value)) {
			return "", format.NotOneOf(name, value, words)
		}
		return strings.ToLower(value), nil
	}
}

func integer(name, value string) (string, error) {
	if _, err := format.ParseNumber(value); err != nil {
		return "", format.NotNumber(name, value)
	}
	return value, nil
}

// endings takes how many times Ctrl-D is ignored. As in bash anything but a number is 10.
func endings(_, value string) (string, error) {
	if _, err := format.ParseNumber(value); err != nil {
		return "10", nil
	}
	return value, nil
}

// seconds takes the interval of \watch.
func seconds(name, value string) (string, error) {
	const most = 1000000
	n, err := parseDouble(value)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return "", &format.ValueError{Text: fmt.Sprintf(`value "%s" is out of range for variable "%s"`, value, name)}
	case value == "":
		return "", &format.ValueError{Text: fmt.Sprintf(`invalid input syntax for variable "%s"`, name)}
	case err != nil, math.IsNaN(n):
		return "", &format.ValueError{Text: fmt.Sprintf(`invalid value "%s" for variable "%s"`, value, name)}
	case n < 0:
		return "", &format.ValueError{Text: fmt.Sprintf(`invalid value "%s" for variable "%s": must be greater than %.2f`, value, name, 0.0)}
	case n > most:
		return "", &format.ValueError{Text: fmt.Sprintf(`invalid value "%s" for variable "%s": must be less than %.2f`, value, name, float64(most))}
	}
	return value, nil
}

// parseDouble reads a number as C does: white space may stand before it, and one too near to zero is out of range.
func parseDouble(text string) (float64, error) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	n, err := strconv.ParseFloat(text, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if err == nil && n == 0 && strings.ContainsAny(mantissa, "123456789") {
		return 0, strconv.ErrRange
	}
	return n, err
}

// Set sets a variable, after a look at whether a special one can have the value.
func (v Variables) Set(name, value string) error {
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c < 0x80 && !lex.IsVariable(byte(c)) }) {
		return &format.ValueError{Text: fmt.Sprintf(`invalid variable name: "%s"`, name)}
	}
	if s, known := specials[name]; known {
		checked, err := s.check(name, value)
		if err != nil {
			return err
		}
		value = checked
	}
	v[name] = value
	return nil
}

// Unset removes a variable; a special one gets the value that it has when it is not set.
func (v Variables) Unset(name string) {
	delete(v, name)
	if s, known := specials[name]; known {
		v[name] = s.unset
	}
}

// Number returns a variable that is a number, and whether it is one.
func (v Variables) Number(name string) (n int, ok bool) {
	n, err := format.ParseNumber(v[name])
	return n, err == nil
}

// number is Number for variables that were checked.
func (v Variables) number(name string) int {
	n, _ := v.Number(name)
	return n
}
