package engine

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// BackupOptions say how Backup connects. The zero value is the user postgres.
type BackupOptions struct {
	User     string // a superuser or one that may call pg_backup_start
	Database string
	Password string       // "" for the one in PGPASSWORD
	Progress func(string) // called with the name of each step; may be nil
}

// Backup writes a tar archive of the data directory that is consistent while others write: with the WAL that is in it
// the server comes to the state at the end of the backup, whatever was committed before it began included. A server
// that another process runs will do. It fails for a cluster in memory and for one with tablespaces outside its
// directory. Source: https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP.
func (db *DB) Backup(ctx context.Context, w io.Writer, o BackupOptions) (err error) {
	if db.server.dataDir() == Memory {
		return errors.New("back up: a cluster in memory has no files; dump it")
	}
	conn, err := db.backupSession(ctx, o)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	// which also ends a backup that has failed, and drops the slot
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	root, err := db.server.dataRoot()
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer root.Close()
	b := &backup{ctx: ctx, conn: conn, root: root, tar: tar.NewWriter(w), now: time.Now()}
	for _, step := range []struct {
		what string
		do   func() error
	}{{"checkpoint", b.start}, {"copying files", b.files}, {"copying the WAL", b.stop}} {
		if o.Progress != nil {
			o.Progress(step.what)
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("back up, %s: %w", step.what, err)
		}
	}
	return b.tar.Close()
}

// list lists a directory in the data directory.
func (b *backup) list(name string) ([]fs.DirEntry, error) { return fs.ReadDir(b.root.FS(), name) }

func (db *DB) backupSession(ctx context.Context, o BackupOptions) (*pgconn.PgConn, error) {
	login := pgclient.Login{
		User: cmp.Or(o.User, "postgres"), Database: cmp.Or(o.Database, "postgres"),
		Password: o.Password,
	}
	config := pgclient.Own(db.Dial, login)
	config.RuntimeParams["application_name"] = "pglite-backup"
	return pgconn.ConnectConfig(ctx, config)
}

// backup is one backup while it is made.
type backup struct {
	ctx   context.Context
	conn  *pgconn.PgConn
	root  *os.Root // the data directory
	tar   *tar.Writer
	now   time.Time
	first string // WAL segment of the beginning
}

// start keeps the WAL from being recycled, by a slot that goes with the session, and starts the backup.
func (b *backup) start() error {
	if err := b.refuseTablespaces(); err != nil {
		return err
	}
	if _, err := b.ask("SELECT pg_create_physical_replication_slot('pglite_backup_' || pg_backend_pid(), " +
		"true, true)"); err != nil {
		return err
	}
	row, err := b.ask("SELECT pg_walfile_name(pg_backup_start('pglite backup', fast => true))")
	if err != nil {
		return err
	}
	b.first = row[0]
	return nil
}

// refuseTablespaces looks for links: what they lead to is not in the data directory.
func (b *backup) refuseTablespaces() error {
	entries, err := b.list("pg_tblspc")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type()&os.ModeSymlink != 0 {
			return errors.New("the cluster has tablespaces outside its data directory, which a backup would " +
				"not hold: dump it instead")
		}
	}
	return nil
}

// stop ends the backup and adds its label and WAL.
func (b *backup) stop() error {
	if err := b.file("global/pg_control"); err != nil { // last, as its checkpoint must not be older than the files
		return err
	}
	row, err := b.ask("SELECT pg_walfile_name(lsn), labelfile, spcmapfile " +
		"FROM pg_backup_stop(wait_for_archive => false)")
	if err != nil {
		return err
	}
	if err := b.bytes("backup_label", []byte(row[1])); err != nil {
		return err
	}
	if row[2] != "" {
		if err := b.bytes("tablespace_map", []byte(row[2])); err != nil {
			return err
		}
	}
	return b.wal(row[0])
}

// ask runs a query that gives one row.
func (b *backup) ask(sql string) ([]string, error) {
	results, err := b.conn.Exec(b.ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return nil, fmt.Errorf("%s: not one row", sql)
	}
	var row []string
	for _, value := range results[0].Rows[0] {
		row = append(row, string(value))
	}
	return row, nil
}
