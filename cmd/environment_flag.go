package cmd

import (
	"flag"

	"github.com/urfave/cli/v2"
)

// environmentFlag is an option whose value is that of an environment variable unless the command line has it. The cli
// package reads the variables of the process only, so it is told of none.
type environmentFlag struct {
	cli.StringFlag
	variable string
	lookup   func(name string) (value string, set bool)
}

// Apply implements cli.Flag.
func (f *environmentFlag) Apply(set *flag.FlagSet) error {
	if value, set := f.lookup(f.variable); set {
		f.Value, f.HasBeenSet = value, true
	}
	return f.StringFlag.Apply(set)
}

// GetEnvVars implements cli.DocGenerationFlag.
func (f *environmentFlag) GetEnvVars() []string { return []string{f.variable} }
