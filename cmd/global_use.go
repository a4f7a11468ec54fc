package cmd

import (
	"fmt"
	"slices"
)

// globalUse are the global options that mean something to the commands which use no server, but for those that say so themselves.
var globalUse = map[string][]string{"info": {"data", "runtime"}, "version": {"runtime"}, "cache": nil, "completion": nil, "man": nil}

// withoutEngine are the commands that run no program of the runtime.
var withoutEngine = []string{"cache", "completion", "man", "version"}

// remoteUse are those that mean something to a program which connects to a server elsewhere, whose URI names the user.
var remoteUse = []string{"runtime", "env", "mount", "max-memory"}

// checkGlobals refuses a global option that the command would drop.
func (p *program) checkGlobals(command string) error {
	names, limited := globalUse[command]
	if !limited || slices.ContainsFunc(p.items, func(i item) bool { return i.name == "help" }) {
		return nil
	}
	return p.wants(command, command, names...)
}

// wants refuses a global option on the command line that is none of the names: what the command does has no use for it. The environment's
// are for all commands; there may be nothing to say to --verbose, and whatever runs a program of the runtime obeys --engine.
func (p *program) wants(command, doing string, names ...string) error {
	for _, given := range p.globals {
		used := given == "verbose" || given == "engine" && !slices.Contains(withoutEngine, command) || slices.Contains(names, given)
		if !used {
			return &usageError{command, fmt.Sprintf("%s has no use for --%s: leave it out", doing, given)}
		}
	}
	return nil
}
