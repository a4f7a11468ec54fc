package catalog

import (
	"context"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// Asker asks a server and shows what comes back.
type Asker interface {
	// Fetch runs a query and returns its result. It shows an error of the server before it returns it.
	Fetch(ctx context.Context, sql string) (*format.Grid, error)
	// Table shows a result.
	Table(g *format.Grid, l Look) error
	// Wrong shows what is wrong and returns it as an error.
	Wrong(text string) error
	// Missing shows that nothing was found where that is no error.
	Missing(text string)
}

// Look says how a result looks, where that differs from what the user's options say.
type Look struct {
	Title    string
	Footers  []string // below the table; nil for the number of rows
	Expanded bool     // a line for each column
	Fixed    bool     // never expanded, and nothing for NULL, whatever the options say
}

// Reader reads the catalogs of a database.
type Reader struct {
	Asker
	Database        string // that the patterns are about
	Server          int    // the server's major version, 0 when it is not known
	Quiet           bool   // an empty list is shown as such, and is no error
	HideMethods     bool   // leave the access methods of tables out
	HideCompression bool   // leave the compression of columns out
}

// Command is a command of the \d family. Most take one pattern.
type Command func(ctx context.Context, r *Reader, patterns ...string) error
