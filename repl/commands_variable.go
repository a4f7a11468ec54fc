package repl

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// variableCommands are those about variables.
func variableCommands() []command {
	return []command{
		{
			names: "set", usage: `\set [NAME [VALUE]...]`, about: "show variables, or set one",
			args: many, takes: setArguments, run: setCommand,
		},
		{names: "unset", usage: `\unset NAME`, about: "remove a variable", args: 1, takes: unsetArguments, run: unsetCommand},
		{
			names: "prompt", usage: `\prompt [TEXT] NAME`, about: "ask for the value of a variable",
			args: 2, bare: "free text", run: promptCommand,
		},
		{
			names: "getenv", usage: `\getenv NAME ENV`, about: "set a variable from the environment",
			args: 2, bare: "a new name", run: getenvCommand,
		},
		{
			names: "setenv", usage: `\setenv ENV [VALUE]`, about: "set or remove a variable of the environment",
			args: 2, bare: "free text", run: setenvCommand,
		},
	}
}

// defaults are the variables that a session starts with.
var defaults = map[string]string{
	"AUTOCOMMIT": "on", "COMP_KEYWORD_CASE": "preserve-upper", "ECHO": "none", "ECHO_HIDDEN": "off", "FETCH_COUNT": "0",
	"HIDE_TABLEAM": "off", "HIDE_TOAST_COMPRESSION": "off", "HISTCONTROL": "none", "HISTSIZE": "500", "IGNOREEOF": "0",
	"LAST_ERROR_MESSAGE": "", "LAST_ERROR_SQLSTATE": "00000", "ON_ERROR_ROLLBACK": "off", "ON_ERROR_STOP": "off",
	"PIPELINE_COMMAND_COUNT": "0", "PIPELINE_RESULT_COUNT": "0", "PIPELINE_SYNC_COUNT": "0",
	"PROMPT1": "%/%R%x%# ", "PROMPT2": "%/%R%x%# ", "PROMPT3": ">> ", "QUIET": "off", "SHOW_ALL_RESULTS": "on",
	"SHOW_CONTEXT": "errors", "SINGLELINE": "off", "SINGLESTEP": "off", "VERBOSITY": "default", "WATCH_INTERVAL": "2",
}

// setDefaults gives psql's special variables that are not set their defaults, and sets those that describe the
// connection.
func (s *Session) setDefaults() {
	if s.Variables == nil {
		s.Variables = Variables{}
	}
	for name, value := range defaults {
		if _, set := s.Variables[name]; !set {
			s.Variables[name] = value
		}
	}
	s.describeConnection()
}

// psqlVersion is the version of psql whose behaviour is ours. Scripts ask for it to know what they may use.
const psqlVersion = "18.6"

// describeConnection sets the variables that describe the connection.
func (s *Session) describeConnection() {
	v := s.Variables
	v["DBNAME"], v["USER"], v["HOST"], v["PORT"] = s.Database, s.User, s.Host, s.Port
	v["VERSION"], v["VERSION_NAME"], v["VERSION_NUM"] = "PostgreSQL "+psqlVersion+" (pglite)", psqlVersion, versionNumber(psqlVersion)
	v["ENCODING"] = s.Status["client_encoding"]
	s.Options.Encoding = format.EncodingOf(v["ENCODING"])
	version, _, _ := strings.Cut(s.Status["server_version"], " ")
	v["SERVER_VERSION_NAME"], v["SERVER_VERSION_NUM"] = s.Status["server_version"], versionNumber(version)
}

// versionNumber returns 180006 for 18.6.
func versionNumber(version string) string {
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n == 0 {
		return ""
	}
	return fmt.Sprintf("%d%04d", major, minor)
}

func setCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		for _, name := range slices.Sorted(maps.Keys(r.Variables)) {
			fmt.Fprintf(r.stdout(), "%s = '%s'\n", name, r.Variables[name])
		}
		return r.stdout().Flush()
	}
	var value strings.Builder
	for _, arg := range c.given[1:] {
		value.WriteString(arg.Text)
	}
	return r.setVariable(c.arg(0), value.String())
}

// setVariable sets a variable and does at once what some special ones ask for.
func (r *scriptRun) setVariable(name, value string) error {
	if err := r.SetVariable(name, value); err != nil {
		return r.wrong(err.Error())
	}
	return nil
}

// SetVariable sets a variable, and does at once what some special ones ask for.
func (s *Session) SetVariable(name, value string) error {
	if s.Variables == nil {
		s.Variables = Variables{}
	}
	if err := s.Variables.Set(name, value); err != nil {
		return err
	}
	s.obey(name)
	return nil
}

// obeyVariables does what variables ask for that were set before there was a session.
func (s *Session) obeyVariables() {
	for _, name := range []string{"QUIET", "VERBOSITY"} {
		if _, set := s.Variables[name]; set {
			s.obey(name)
		}
	}
}

// obey does at once what some special variables ask for.
func (s *Session) obey(name string) {
	switch name {
	case "ON_ERROR_STOP":
		s.Continue = !s.Variables.flag(name, false)
	case "QUIET":
		s.Quiet = s.Variables.flag(name, false)
	case "VERBOSITY":
		s.Verbosity = map[string]format.Verbosity{"terse": format.Terse, "verbose": format.Verbose, "sqlstate": format.Code}[s.Variables[name]]
	}
}

func unsetCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		return r.wrong(`\unset: missing required argument`)
	}
	r.Variables.Unset(c.arg(0))
	r.obey(c.arg(0))
	return nil
}

// getenvCommand sets a variable to the value of an environment variable.
func getenvCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.given) < 2 {
		return r.wrong(`\getenv: missing required argument`)
	}
	if value, set := r.Streams.LookupEnv(c.arg(1)); set {
		return r.setVariable(c.arg(0), value)
	}
	return nil
}

// setenvCommand sets an environment variable for the programs that are started from here, or removes it.
func setenvCommand(_ context.Context, r *scriptRun, c *call) error {
	name := c.arg(0)
	switch {
	case name == "":
		return r.wrong(`\setenv: missing required argument`)
	case strings.Contains(name, "="):
		return r.wrong(`\setenv: environment variable name must not contain "="`)
	case len(c.given) == 1:
		r.Streams.Unsetenv(name)
		return nil
	}
	return r.Streams.Setenv(name, c.arg(1))
}
