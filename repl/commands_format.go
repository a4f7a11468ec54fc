package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// formatCommands are those that say how results look.
func formatCommands() []command {
	return []command{
		{names: "a", usage: `\a`, about: "aligned, or not", run: toggleAligned},
		{
			names: "C", usage: `\C [TITLE]`, about: "set the title of tables, or none",
			args: 1, bare: "free text", run: replaceOption("title"),
		},
		{
			names: "f", usage: `\f [SEPARATOR]`, about: "show or set the separator of unaligned results",
			args: 1, bare: "free text", run: setOption("fieldsep"),
		},
		{names: "H html", usage: `\H`, about: "HTML, or not", run: toggleHTML},
		{
			names: "pset", usage: `\pset [NAME [VALUE]]`, about: "show or set an option: " + optionList(),
			args: 2, takes: psetArguments, run: psetCommand,
		},
		{
			names: "t", usage: `\t [on|off]`, about: "rows only",
			args: 1, takes: words("on", "off"), run: setOption("tuples_only"),
		},
		{
			names: "T", usage: `\T [TEXT]`, about: "set the attributes of HTML tables, or none",
			args: 1, bare: "free text", run: replaceOption("tableattr"),
		},
		{
			names: "x", usage: `\x [on|off|auto]`, about: "a line for each column",
			args: 1, takes: words("on", "off", "auto"), run: setOption("expanded"),
		},
		{
			names: "timing", usage: `\timing [on|off]`, about: "tell how long statements take",
			args: 1, takes: words("on", "off"), run: timingCommand,
		},
		{
			names: "hex", usage: `\hex [on|off|both]`,
			about: "show the bytes and messages on the wire instead of results, or after them",
			args:  1, takes: words("on", "off", "both"), run: hexCommand,
		},
	}
}

// optionList returns the options that \? names.
func optionList() string { return strings.Join(format.OptionNames, ", ") }

// setOption returns the command that sets an option of \pset, or changes it when it has no argument.
func setOption(name string) commandFunc {
	return func(_ context.Context, r *scriptRun, c *call) error { return r.pset(name, c.arg(0), len(c.given) > 0) }
}

// replaceOption returns the command that sets an option of \pset, and without an argument to nothing.
func replaceOption(name string) commandFunc {
	return func(_ context.Context, r *scriptRun, c *call) error { return r.pset(name, c.arg(0), true) }
}

func toggleAligned(_ context.Context, r *scriptRun, _ *call) error {
	other := format.Aligned
	if r.Options.Format == format.Aligned {
		other = format.Unaligned
	}
	return r.pset("format", string(other), true)
}

func toggleHTML(_ context.Context, r *scriptRun, _ *call) error {
	other := format.HTML
	if r.Options.Format == format.HTML {
		other = format.Aligned
	}
	return r.pset("format", string(other), true)
}

func psetCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.given) > 0 {
		return r.pset(c.arg(0), c.arg(1), len(c.given) > 1)
	}
	for _, name := range format.OptionNames {
		fmt.Fprintf(r.stdout(), "%-24s %s\n", name, r.Options.Get(name))
	}
	return r.stdout().Flush()
}

// psetError returns what \pset says about an error.
func psetError(err error) string {
	if value := (*format.ValueError)(nil); errors.As(err, &value) {
		return err.Error()
	}
	return `\pset: ` + err.Error()
}

// valued are the options that \pset without a value shows and does not change.
const valued = " border columns csv_fieldsep fieldsep format linestyle null pager_min_lines recordsep unicode_border_linestyle unicode_column_linestyle unicode_header_linestyle xheader_width "

// silent are the options of which psql tells nothing when they are given a value.
const silent = " t tuples_only footer numericlocale "

// pset sets an option and tells what it is now.
func (r *scriptRun) pset(name, value string, given bool) error {
	if given || !strings.Contains(valued, " "+name+" ") {
		if err := r.Options.Set(name, value); err != nil {
			return r.wrong(psetError(err))
		}
	}
	if given && value != "" && strings.Contains(silent, " "+name+" ") {
		return nil
	}
	return r.say("%s", r.Options.Describe(name))
}

func timingCommand(_ context.Context, r *scriptRun, c *call) error {
	var wrong error
	if err := format.SetSwitch(`\timing`, &r.Options.Timing, c.arg(0)); err != nil {
		wrong = r.wrong(err.Error())
	}
	return errors.Join(wrong, r.say("Timing is %s.", format.OnOff(r.Options.Timing)))
}

// hexCommand shows the wire exchange of statements instead of results, or after them.
func hexCommand(_ context.Context, r *scriptRun, c *call) error {
	value := strings.ToLower(c.arg(0))
	on, ok := format.ParseBool(value)
	switch {
	case value == "both":
		r.Hex = HexBoth
	case value == "" && r.Hex == HexOff, ok && on:
		r.Hex = HexOn
	case value == "", ok:
		r.Hex = HexOff
	default:
		return r.wrong(fmt.Sprintf(`\hex: "%s" is not on, off or both`, value))
	}
	return r.say("Wire exchange is %s.", map[HexMode]string{
		HexOff: "not shown", HexOn: "shown instead of results", HexBoth: "shown after results",
	}[r.Hex])
}
