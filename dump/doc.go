// Package dump runs pg_dump, pg_dumpall and pg_restore, PostgreSQL's own, as processes beside the server or against any
// other PostgreSQL, and moves their files.
//
//	d := dump.Dump{Args: []string{"--schema-only", "-f", "schema.sql"}, Stderr: os.Stderr}
//	code, err := d.Run(ctx, db)
//
// The programs see the working directory and the directories of the files named in their arguments, nothing else of the
// host. A dump gets its name when it is whole: one that fails or is interrupted leaves nothing, and an older file of
// the name as it was.
package dump
