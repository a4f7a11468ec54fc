package repl

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// largeObjectCommands are those about large objects and files of this machine
// (https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMAND-LO-EXPORT).
func largeObjectCommands() []command {
	return []command{
		{
			names: "lo_import", usage: `\lo_import FILE [COMMENT]`, about: "make a large object of a file",
			args: 2, takes: files, run: importObjectCommand,
		},
		{
			names: "lo_export", usage: `\lo_export OID FILE`, about: "write a large object to a file",
			args: 2, takes: names("largeobjects"), run: exportObjectCommand,
		},
		{
			names: "lo_list lo_list+ lo_listx lo_listx+", usage: `\lo_list[x+]`, about: "list large objects",
			args: many, bare: ignoresArguments, run: listObjectsCommand,
		},
		{
			names: "lo_unlink", usage: `\lo_unlink OID`, about: "delete a large object",
			args: 1, takes: names("largeobjects"), run: unlinkObjectCommand,
		},
	}
}

// ignoresArguments is why \lo_list has no completion: it takes no arguments, and as in psql it does not say so.
const ignoresArguments = "none count"

// objectPiece is how much of a large object is sent or fetched at once.
const objectPiece = 256 << 10

// inTransaction runs do in a transaction, which it begins and ends itself when there is none.
func (r *scriptRun) inTransaction(ctx context.Context, command string, do func() error) error {
	if r.tx == 'E' {
		return r.wrong(command + ": current transaction is aborted")
	}
	own := r.tx != 'T'
	if own {
		if err := r.own(ctx, "BEGIN"); err != nil {
			return err
		}
	}
	err := do()
	if !own || !r.Variables.flag("AUTOCOMMIT", true) || isLost(err) {
		return err
	}
	if err != nil {
		return errors.Join(err, r.own(ctx, "ROLLBACK"))
	}
	return r.own(ctx, "COMMIT")
}

// object tells of the result of a command.
func (r *scriptRun) object(text string) error {
	if r.Quiet {
		return nil
	}
	if r.Options.Format == format.HTML {
		text = "<p>" + text + "</p>"
	}
	r.Out.WriteString(text + "\n")
	return r.Out.Flush()
}

// objectID returns the number in an argument, 0 when there is none at its start, as atooid of libpq does.
func objectID(text string) uint64 {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	id, _ := strconv.ParseUint(text[:n], 10, 32)
	return id
}

// importObjectCommand is \lo_import FILE [COMMENT].
func importObjectCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		return r.wrong(`\lo_import: missing required argument`)
	}
	id := ""
	err := r.inTransaction(ctx, `\lo_import`, func() error {
		f, err := os.Open(r.Streams.Path(c.arg(0)))
		if err != nil {
			return r.wrong(fmt.Sprintf(`could not open file "%s": %v`, c.arg(0), reason(err)))
		}
		defer f.Close()
		if id, err = r.importObject(ctx, f); err != nil || len(c.given) < 2 {
			return err
		}
		return r.own(ctx, "COMMENT ON LARGE OBJECT "+id+" IS "+lex.QuoteLiteral(c.arg(1)))
	})
	if err != nil {
		return err
	}
	r.Variables["LASTOID"] = id
	return r.object("lo_import " + id)
}

// importObject makes a large object of a file.
func (r *scriptRun) importObject(ctx context.Context, f io.Reader) (id string, err error) {
	g, err := r.internal(ctx, "SELECT pg_catalog.lo_create(0)")
	if err != nil {
		return "", err
	}
	id = g.Text(0, 0)
	piece := make([]byte, objectPiece)
	for at := int64(0); ; {
		n, err := io.ReadFull(f, piece)
		if n > 0 {
			sql := fmt.Sprintf(`SELECT pg_catalog.lo_put(%s, %d, pg_catalog.decode('%s', 'hex'))`, id, at, hex.EncodeToString(piece[:n]))
			if _, err := r.internal(ctx, sql); err != nil {
				return "", err
			}
			at += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return id, nil
		case err != nil:
			return "", r.wrong(`\lo_import: ` + err.Error())
		}
	}
}

// exportObjectCommand is \lo_export OID FILE.
func exportObjectCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.given) < 2 {
		return r.wrong(`\lo_export: missing required argument`)
	}
	err := r.inTransaction(ctx, `\lo_export`, func() error {
		id := objectID(c.arg(0))
		if _, err := r.internal(ctx, fmt.Sprintf("SELECT pg_catalog.lo_open(%d, %d)", id, 0x40000)); err != nil {
			return err
		}
		d, err := os.Create(r.Streams.Path(c.arg(1)))
		if err != nil {
			return r.wrong(fmt.Sprintf(`could not open file "%s": %v`, c.arg(1), reason(err)))
		}
		err = r.exportObject(ctx, id, d)
		if e := d.Close(); err == nil && e != nil {
			return r.wrong(`\lo_export: ` + e.Error())
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.object("lo_export")
}

// exportObject writes a large object to a file.
func (r *scriptRun) exportObject(ctx context.Context, id uint64, w io.Writer) error {
	for at := int64(0); ; at += objectPiece {
		g, err := r.internal(ctx, fmt.Sprintf("SELECT pg_catalog.encode(pg_catalog.lo_get(%d, %d, %d), 'hex')", id, at, objectPiece))
		if err != nil {
			return err
		}
		piece, err := hex.DecodeString(g.Text(0, 0))
		if err == nil {
			_, err = w.Write(piece)
		}
		if err != nil {
			return r.wrong(`\lo_export: ` + err.Error())
		}
		if len(piece) < objectPiece {
			return nil
		}
	}
}

// unlinkObjectCommand is \lo_unlink OID.
func unlinkObjectCommand(ctx context.Context, r *scriptRun, c *call) error {
	if len(c.given) == 0 {
		return r.wrong(`\lo_unlink: missing required argument`)
	}
	id := objectID(c.arg(0))
	err := r.inTransaction(ctx, `\lo_unlink`, func() error {
		_, err := r.internal(ctx, fmt.Sprintf("SELECT pg_catalog.lo_unlink(%d)", id))
		return err
	})
	if err != nil {
		return err
	}
	return r.object(fmt.Sprintf("lo_unlink %d", id))
}

// listObjectsCommand is \lo_list, the same as \dl.
func listObjectsCommand(ctx context.Context, r *scriptRun, c *call) error {
	c.name, c.given = strings.Replace(c.name, "lo_list", "dl", 1), nil
	return describeCommand(ctx, r, c)
}

// internal runs a query of our own that ECHO_HIDDEN does not show. The errors of its result have been shown.
func (s *Session) internal(ctx context.Context, sql string) (*format.Grid, error) {
	c := &collector{}
	if err := s.exchange(ctx, sql, how{silent: true, internal: true, newPrinter: c.printer}); err != nil {
		return nil, err
	}
	return c.grids[0], nil
}

// reason returns why a file could not be opened, as the operating system says it.
func reason(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		if os.IsNotExist(err) {
			return errors.New("No such file or directory") //nolint:staticcheck // psql's words
		}
		return path.Err
	}
	return err
}
