package repl

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// variableCommands are those about variables.
func variableCommands() map[string]commandFunc {
	return map[string]commandFunc{
		"set":    setCommand,
		"unset":  unsetCommand,
		"getenv": getenvCommand,
		"setenv": setenvCommand,
	}
}

// defaults are the variables that a session starts with.
var defaults = map[string]string{
	"AUTOCOMMIT": "on", "COMP_KEYWORD_CASE": "preserve-upper", "ECHO": "none", "ECHO_HIDDEN": "off", "FETCH_COUNT": "0",
	"HIDE_TABLEAM": "off", "HIDE_TOAST_COMPRESSION": "off", "HISTCONTROL": "none", "HISTSIZE": "500", "IGNOREEOF": "0",
	"LAST_ERROR_MESSAGE": "", "LAST_ERROR_SQLSTATE": "00000", "ON_ERROR_ROLLBACK": "off", "ON_ERROR_STOP": "off",
	"PROMPT1": "%/%R%x%# ", "PROMPT2": "%/%R%x%# ", "PROMPT3": ">> ", "QUIET": "off", "SHOW_ALL_RESULTS": "on",
	"SHOW_CONTEXT": "errors", "SINGLELINE": "off", "SINGLESTEP": "off", "VERBOSITY": "default", "WATCH_INTERVAL": "2",
}

// SetDefaults gives psql's special variables that are not set their defaults, and sets those that describe the
// connection.
func (s *Session) SetDefaults() {
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

// describeConnection sets the variables that describe the connection.
func (s *Session) describeConnection() {
	v := s.Variables
	v["DBNAME"], v["USER"], v["HOST"], v["PORT"] = s.Database, s.User, "", ""
	v["VERSION"], v["VERSION_NAME"], v["VERSION_NUM"] = "pglite, with the commands of psql 18", "18", "180000"
	v["ENCODING"] = s.Status["client_encoding"]
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
	if len(c.args) == 0 {
		for _, name := range slices.Sorted(maps.Keys(r.Variables)) {
			fmt.Fprintf(r.stdout(), "%s = '%s'\n", name, r.Variables[name])
		}
		return r.stdout().Flush()
	}
	var value strings.Builder
	for _, arg := range c.args[1:] {
		value.WriteString(arg.text)
	}
	return r.setVariable(c.arg(0), value.String())
}

// choices are the variables that take one of a few values.
var choices = map[string]string{
	"ECHO": "none errors queries all", "VERBOSITY": "default verbose terse sqlstate", "SHOW_CONTEXT": "never errors always",
	"COMP_KEYWORD_CASE": "lower upper preserve-lower preserve-upper", "HISTCONTROL": "none ignorespace ignoredups ignoreboth",
}

// switches are the variables that are on or off, those with another value beside its name.
var switches = map[string]string{
	"AUTOCOMMIT": "", "ON_ERROR_STOP": "", "QUIET": "", "SINGLELINE": "", "SINGLESTEP": "", "SHOW_ALL_RESULTS": "",
	"HIDE_TABLEAM": "", "HIDE_TOAST_COMPRESSION": "", "ECHO_HIDDEN": "noexec", "ON_ERROR_ROLLBACK": "interactive",
}

// setVariable sets a variable, after a look at whether a special one can have the value.
func (r *scriptRun) setVariable(name, value string) error {
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c < 0x80 && !isVariable(byte(c)) }) {
		return r.wrong(fmt.Sprintf(`invalid variable name: "%s"`, name))
	}
	if allowed, special := choices[name]; special && value != "" {
		if !slices.Contains(strings.Fields(allowed), strings.ToLower(value)) {
			return r.wrong(fmt.Sprintf("unrecognized value \"%s\" for \"%s\"\nAvailable values are: %s.", value, name, strings.ReplaceAll(allowed, " ", ", ")))
		}
		value = strings.ToLower(value)
	}
	if other, special := switches[name]; special && !strings.EqualFold(value, other) || special && value == "" {
		on, ok := ParseBool(value)
		if value == "" {
			on, ok = true, true
		}
		if !ok {
			return r.wrong(fmt.Sprintf("unrecognized value \"%s\" for \"%s\": Boolean expected", value, name))
		}
		if value == "" || len(value) == 1 {
			value = map[bool]string{true: "on", false: "off"}[on]
		}
	}
	r.Variables[name] = value
	r.obey(name)
	return nil
}

// obey does at once what some special variables ask for.
func (r *scriptRun) obey(name string) {
	switch name {
	case "ON_ERROR_STOP":
		r.Continue = !r.Variables.flag(name, false)
	case "QUIET":
		r.Quiet = r.Variables.flag(name, false)
	case "VERBOSITY":
		r.Verbosity = map[string]Verbosity{"terse": Terse, "verbose": Verbose, "sqlstate": Code}[r.Variables[name]]
	}
}

func unsetCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.args) == 0 {
		return r.wrong(`\unset: missing required argument`)
	}
	for _, arg := range c.args {
		delete(r.Variables, arg.text)
		if _, special := switches[arg.text]; special {
			r.Variables[arg.text] = "off"
		} else if value, special := defaults[arg.text]; special {
			r.Variables[arg.text] = value
		}
		r.obey(arg.text)
	}
	return nil
}

// getenvCommand sets a variable to the value of an environment variable.
func getenvCommand(_ context.Context, r *scriptRun, c *call) error {
	if len(c.args) < 2 {
		return r.wrong(`\getenv: missing required argument`)
	}
	if value, set := os.LookupEnv(c.arg(1)); set {
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
	case len(c.args) == 1:
		return os.Unsetenv(name)
	}
	return os.Setenv(name, c.arg(1))
}
