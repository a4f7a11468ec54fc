package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
)

func (p *program) backupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "copy the whole cluster to a file while it runs",
		UsageText: "pglite backup FILE.tar.xz|FILE.tar.gz|FILE.tar",
		Description: `Writes a physical copy: all databases, roles and settings, consistent while clients write. The file is read again and compared
before it gets its name; a file that is there is not overwritten. pglite init --from FILE makes a cluster of it.

Examples:
   pglite backup monday.tar.gz
   pglite -D ./data backup shop.tar.xz
   pglite init --from shop.tar.xz ./copy`,
		Action: p.backup,
	}
}

// backuper is a cluster that can be backed up.
type backuper interface {
	BackupFile(ctx context.Context, name string, o engine.BackupOptions) error
}

func (p *program) backup(c *cli.Context) (err error) {
	if c.NArg() != 1 {
		return &usageError{"backup", fmt.Sprintf("backup writes one file; %d are given", c.NArg())}
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	db, err := p.backend.open(c.Context, cfg)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	b, ok := db.(backuper)
	if !ok {
		return errors.New("this cluster is not pglite's own: use its pg_basebackup")
	}
	return b.BackupFile(c.Context, p.streams.path(c.Args().First()), engine.BackupOptions{
		User: cfg.User, Database: cfg.Database, Password: p.streams.getenv("PGPASSWORD"), Progress: cfg.Progress,
	})
}
