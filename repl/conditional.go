package repl

import (
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// condition is one \if that is not closed.
type condition struct {
	outer  bool // what is around it is active
	active bool // what follows is run
	taken  bool // a branch was run, or is being run
	other  bool // \else was seen
	text   lex.Mark
}

// conditions are the open \if's, the innermost last.
type conditions []condition

// active reports whether statements and commands are run.
func (c conditions) active() bool { return len(c) == 0 || c[len(c)-1].active }

// conditional handles \if, \elif, \else and \endif, and reports false for other commands.
func (r *scriptRun) conditional(name, rest string) (handled bool, err error) {
	switch name {
	case "if":
		return true, r.openIf(rest)
	case "elif", "else", "endif":
	default:
		return false, nil
	}
	if len(r.ifs) == 0 {
		return true, r.wrong(fmt.Sprintf("\\%s: no matching \\if", name))
	}
	top := &r.ifs[len(r.ifs)-1]
	if !top.active {
		r.splitter.Rewind(top.text)
	}
	switch {
	case name == "endif":
		r.ifs = r.ifs[:len(r.ifs)-1]
		return true, nil
	case top.other && name == "else":
		return true, r.wrong(`\else: cannot occur after \else`)
	case top.other:
		return true, r.wrong(`\elif: cannot occur after \else`)
	}
	top.text = r.splitter.Here()
	open := top.outer && !top.taken
	top.other = name == "else"
	if name == "elif" && open {
		top.active = true // variables count from here on
		open, err = r.decide(name, rest)
	}
	top.active = open
	top.taken = top.taken || open
	return true, err
}

func (r *scriptRun) openIf(rest string) (err error) {
	c := condition{outer: r.ifs.active(), text: r.splitter.Here()}
	if c.outer {
		c.active, err = r.decide("if", rest)
		c.taken = c.active
	}
	r.ifs = append(r.ifs, c)
	return err
}

// decide returns whether the expression of a condition is true.
func (r *scriptRun) decide(name, rest string) (bool, error) {
	args, err := r.arguments(rest)
	if err != nil {
		return false, r.wrong(err.Error())
	}
	if len(args) == 0 {
		return false, r.wrong(fmt.Sprintf(`unrecognized value "" for "\%s expression": Boolean expected`, name))
	}
	expression := strings.Join(lex.ArgumentTexts(args), " ")
	on, ok := format.ParseBool(expression)
	if !ok {
		return false, r.wrong(fmt.Sprintf(`unrecognized value "%s" for "\%s expression": Boolean expected`, expression, name))
	}
	return on, nil
}
