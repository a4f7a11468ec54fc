package repl

import (
	"context"
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

// conditionCommands are \if and its kind.
func conditionCommands() []command {
	branch := func(c command) command {
		c.branch = true
		return c
	}
	return []command{
		branch(command{
			names: "if", usage: `\if EXPR`, about: "run what follows when EXPR is true",
			args: many, bare: "free text", run: ifCommand,
		}),
		branch(command{
			names: "elif", usage: `\elif EXPR`, about: "otherwise run what follows when EXPR is true",
			args: many, bare: "free text", run: nextBranchCommand,
		}),
		branch(command{names: "else", usage: `\else`, about: "otherwise run what follows", run: nextBranchCommand}),
		branch(command{names: "endif", usage: `\endif`, about: "end the condition", run: nextBranchCommand}),
	}
}

func ifCommand(_ context.Context, r *scriptRun, c *call) error { return r.openIf(c.rest) }

// nextBranchCommand ends the branch that is open.
func nextBranchCommand(_ context.Context, r *scriptRun, c *call) error {
	err := r.nextBranch(c.name, c.rest)
	if c.args == 0 && r.ifs.active() && !strings.Contains(c.rest, "`") { // to warn is no reason to run a program
		args, _ := lex.SplitArguments(c.rest, lex.Expansion{})
		r.warnOfExtra(c.name, args, err)
	}
	return err
}

// nextBranch does what \elif, \else and \endif say.
func (r *scriptRun) nextBranch(name, rest string) (err error) {
	if len(r.ifs) == 0 {
		return r.wrong(fmt.Sprintf("\\%s: no matching \\if", name))
	}
	top := &r.ifs[len(r.ifs)-1]
	if !top.active {
		r.splitter.Rewind(top.text)
	}
	switch {
	case name == "endif":
		r.ifs = r.ifs[:len(r.ifs)-1]
		return nil
	case top.other && name == "else":
		return r.wrong(`\else: cannot occur after \else`)
	case top.other:
		return r.wrong(`\elif: cannot occur after \else`)
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
	return err
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
