package cmd

import "github.com/urfave/cli/v2"

// dataCommands are the commands that move data in and out, and look at it.
func (p *program) dataCommands() []*cli.Command {
	return []*cli.Command{p.dumpCommand(), p.restoreCommand(), p.backupCommand(), p.hexdumpCommand(), p.extensionCommand(), p.doctorCommand()}
}
